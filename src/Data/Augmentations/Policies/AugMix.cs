namespace OnnxTimm.Data;

/// <summary>
/// Mixes an image with a sum of several chains of steps (arXiv:1912.02781), in timm's two ways.
/// </summary>
/// <param name="Steps">The steps; those of a chain are drawn.</param>
public sealed record AugMix(IReadOnlyList<PolicyStep> Steps) : ITellingAugmentation
{
    const int MostDepth = 3;

    /// <summary>Concentration of the chains' weights, and of the share of their sum.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>Chains.</summary>
    public int Width { get; init; } = 3;

    /// <summary>Steps of a chain; 0 and less for one to three.</summary>
    public int Depth { get; init; } = -1;

    /// <summary>Mixes each chain into the image in turn, instead of their sum.</summary>
    public bool Blended { get; init; }

    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell)
    {
        float[] weights = [.. random.Dirichlet(Alpha, Width).Select(w => (float)w)];
        var share = (float)random.Beta(Alpha, Alpha);
        if (Blended)
            Blend(image, BlendWeights(weights, share), random, tell);
        else
            Sum(image, weights, share, random, tell);
        return image;
    }

    void Sum(Image image, float[] weights, float share, CounterRandom random, Action<string>? tell)
    {
        var sums = new float[image.Bytes.Length];
        foreach (var weight in weights)
        {
            using var chained = Chain(image, random, tell);
            var bytes = chained.Bytes;
            for (var i = 0; i < sums.Length; i++)
                sums[i] += weight * bytes[i];
        }
        using var mixed = Image.Rent(image.Width, image.Height);
        for (var i = 0; i < sums.Length; i++)
            mixed.Bytes[i] = (byte)Math.Clamp(sums[i], 0, 255);
        Mixture.Blend(image, mixed.View(), share);
    }

    void Blend(Image image, float[] weights, CounterRandom random, Action<string>? tell)
    {
        using var original = image.View().ToImage();
        foreach (var weight in weights)
        {
            using var chained = Chain(original, random, tell);
            Mixture.Blend(image, chained.View(), weight);
        }
    }

    /// <summary>What each chain is mixed in with, so that it keeps its weight in the end.</summary>
    static float[] BlendWeights(float[] weights, float share)
    {
        var (rest, result) = (1.0, new float[weights.Length]);
        for (var i = weights.Length - 1; i >= 0; i--)
        {
            var part = weights[i] * share / rest;
            result[i] = (float)part;
            rest *= 1 - part;
        }
        return result;
    }

    /// <summary>A copy of the image after some steps.</summary>
    Image Chain(Image image, CounterRandom random, Action<string>? tell)
    {
        var depth = Depth > 0 ? Depth : random.Integer(1, MostDepth);
        var result = image.View().ToImage();
        for (var i = 0; i < depth; i++)
            result = Steps[random.Integer(0, Steps.Count - 1)].Apply(result, random, tell);
        return result;
    }
}
