namespace OnnxTimm.Deploy;

/// <summary>A weight as codes, with a step a channel of the result.</summary>
/// <param name="Codes">In the order of the weight's elements.</param>
/// <param name="Steps">One a channel.</param>
/// <param name="Inner">Elements from one channel to the next.</param>
public sealed record WeightCodes(sbyte[] Codes, float[] Steps, int Inner)
{
    /// <summary>The channel of an element.</summary>
    public int Channel(int element) => element / Inner % Steps.Length;

    /// <summary>The numbers that the codes mean.</summary>
    public float[] Values() => [.. Codes.Select((code, i) => code * Steps[Channel(i)])];

    /// <summary>Elements between two of a channel, along an axis of a shape.</summary>
    public static int InnerOf(long[] shape, int axis) => (int)shape.Skip(axis + 1).Aggregate(1L, (p, d) => p * d);

    /// <summary>Codes of a weight whose largest number in each channel has the last code.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="axis">The axis of the channels.</param>
    /// <param name="codes">The kind of codes.</param>
    /// <param name="leastSteps">A step that each channel's must not be below; null for none.</param>
    public static WeightCodes Of(float[] weight, long[] shape, int axis, Codes codes, float[]? leastSteps = null)
    {
        var (inner, largest) = (InnerOf(shape, axis), new float[shape[axis]]);
        for (var i = 0; i < weight.Length; i++)
            largest[i / inner % largest.Length] = Math.Max(largest[i / inner % largest.Length], Math.Abs(weight[i]));
        return With(Array.ConvertAll(largest, x => x / codes.Most), weight, shape, axis, codes, leastSteps);
    }

    /// <summary>Codes of a weight by given steps.</summary>
    /// <param name="steps">One a channel; one that is 0 becomes 1.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="axis">The axis of the channels.</param>
    /// <param name="codes">The kind of codes.</param>
    /// <param name="leastSteps">A step that each channel's must not be below; null for none.</param>
    public static WeightCodes With(
        float[] steps, float[] weight, long[] shape, int axis, Codes codes, float[]? leastSteps = null)
    {
        steps = [.. steps.Select((step, c) => Step(step, leastSteps?[c] ?? 0))];
        var result = new WeightCodes(new sbyte[weight.Length], steps, InnerOf(shape, axis));
        for (var i = 0; i < weight.Length; i++)
            result.Codes[i] = (sbyte)new Grid(steps[result.Channel(i)], 0, codes).Code(weight[i]);
        return result;
    }

    static float Step(float step, float least) => Math.Max(step, least) is >= Grid.Smallest and var s ? s : 1;
}

/// <summary>
/// A bias as 32-bit codes, whose step is that of the products: step of the input * step of the weight.
/// </summary>
public static class BiasCodes
{
    /// <summary>
    /// The largest code: half of what 32 bits hold, so that the sum of products that it is added to has room as well.
    /// </summary>
    public const double Most = 1 << 30;

    /// <summary>
    /// The steps that a weight's channels must not be below, or their biases would not be held: the step grows instead.
    /// A channel whose weights are all 0 has no other.
    /// </summary>
    public static float[] LeastSteps(float[] bias, float inputStep) =>
        Array.ConvertAll(bias, b => (float)(Math.Abs((double)b) / inputStep / Most * (1 + 1e-6)));

    /// <summary>The codes of a bias, and the steps that they have.</summary>
    public static (int[] Codes, float[] Steps) Of(float[] bias, float inputStep, float[] weightSteps)
    {
        var steps = Array.ConvertAll(weightSteps, s => s * inputStep);
        return ([.. bias.Select((b, c) => (int)Math.Clamp(Math.Round(b / (double)steps[c]), -Most, Most))], steps);
    }
}
