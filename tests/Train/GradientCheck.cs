using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Onnx;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// A function whose gradient is checked against differences of its own values: along a random direction of each input,
/// what the gradient says is compared with what plain ONNX Runtime computes on either side.
/// </summary>
/// <param name="Op">The operator whose rule it is about.</param>
/// <param name="Form">Which of its forms.</param>
/// <param name="Of">The function.</param>
/// <param name="Inputs">What it is a function of.</param>
sealed record GradientCheck(string Op, string Form, Func<Value[], Value> Of, params GradientCheck.Input[] Inputs)
{
    /// <summary>The batch where a shape has N.</summary>
    const int Batch = 2;

    /// <summary>
    /// Far enough that the rounding of float32 (1e-7) is small in the difference, and near enough that the terms which
    /// the second, halved step leaves (h^4) are.
    /// </summary>
    const double Step = 1e-2;

    /// <summary>An argument: its shape, and its content as a function of random numbers in [-1, 1).</summary>
    public sealed record Input(Shape Shape, Func<float[], float[]> Domain);

    public int Opset { get; init; } = 18;

    /// <summary>Numbers as they come.</summary>
    public static float[] Plain(float[] u) => u;

    /// <summary>0.5 to 2: what a root or a logarithm is taken of.</summary>
    public static float[] Positive(float[] u) => [.. u.Select(v => 1.25f + 0.75f * v)];

    /// <summary>
    /// Odd multiples of 0.05, no two alike, in random order: far from each other and from every multiple of 0.1, where
    /// a function may have a kink.
    /// </summary>
    public static float[] Apart(float[] u)
    {
        var order = Enumerable.Range(0, u.Length).OrderBy(i => u[i]).ToArray();
        var values = new float[u.Length];
        foreach (var (rank, i) in order.Index())
            values[i] = 0.1f * (rank - u.Length / 2) + 0.05f;
        return values;
    }

    /// <summary>1 to 2, and -1 to -2.</summary>
    public static float[] Sided(float[] u) => [.. u.Select(v => v < 0 ? v - 1 : v + 1)];

    public override string ToString() => $"{Op}: {Form}";

    /// <summary>Fails where a directional derivative is not that of the differences.</summary>
    public void Run()
    {
        var (session, shape) = Open();
        using var opened = session;
        var values = Inputs.Select((x, i) => ($"x{i}", Content(x, $"{this} x{i}"), Sizes(x.Shape))).ToArray();
        var weight = ("w", Content(new(shape, Plain), $"{this} w"), Sizes(shape));
        var grads = Ort.Run(session, [.. values, weight]);
        foreach (var (i, (name, data, _)) in values.Index())
        {
            var gradient = grads[$"grad:{name}"];
            Assert.HasCount(data.Length, gradient, $"gradient of {name}");
            var direction = Along(gradient, $"{this} d{i}");
            var expected = Derivative(h => Moved(session, values, weight, i, direction, h));
            var actual = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
            Assert.AreEqual(expected, actual, Tolerances.Get("train.gradient") * Math.Abs(expected), $"along {name}");
        }
    }

    /// <summary>y, and the gradients of the sum of y's elements times those of w.</summary>
    (InferenceSession Session, Shape Shape) Open()
    {
        var graph = new Graph(opset: Opset);
        Value[] x = [.. Inputs.Select((input, i) => graph.Input($"x{i}", DType.Float32, input.Shape))];
        var y = Of(x);
        var loss = (y * graph.Input("w", DType.Float32, y.Shape)).ReduceSum(keepDims: false);
        var grads = Gradients.Of(loss, x);
        foreach (var input in x)
            graph.Output($"grad:{input.Name}", grads[input]);
        graph.Output("y", y);
        using var options = Ort.Options(GraphOptimizationLevel.ORT_ENABLE_ALL);
        options.IntraOpNumThreads = 1;
        return (new(OnnxFile.ToBytes(Fused.Expand(graph)), options), y.Shape);
    }

    static float[] Content(Input input, string name) =>
        input.Domain(Fill.Uniform(name, Sizes(input.Shape).Aggregate(1L, (a, b) => a * b)));

    static long[] Sizes(Shape shape) => [.. shape.Select(d => d.IsFixed ? d.Size : d.Factor * Batch)];

    /// <summary>Random lengths, each to where the gradient says the sum grows, so that nothing cancels.</summary>
    static float[] Along(float[] gradient, string name) =>
        [.. gradient.Zip(Fill.Uniform(name, gradient.Length), (g, u) => g < 0 ? -Math.Abs(u) : Math.Abs(u))];

    /// <summary>The sum, in float64, with one input moved by h along a direction.</summary>
    static double Moved(InferenceSession session, (string Name, float[] Data, long[] Shape)[] values,
        (string, float[] Data, long[]) weight, int input, float[] direction, double h)
    {
        var (name, data, shape) = values[input];
        var moved = ((string, float[], long[])[])[.. values];
        moved[input] = (name, [.. data.Zip(direction, (x, d) => (float)(x + h * d))], shape);
        return Ort.Run(session, [.. moved, weight])["y"].Zip(weight.Data, (y, w) => (double)y * w).Sum();
    }

    /// <summary>Central differences of two steps, extrapolated to none (Richardson).</summary>
    static double Derivative(Func<double, double> f)
    {
        return (4 * Central(Step / 2) - Central(Step)) / 3;

        double Central(double h) => (f(h) - f(-h)) / (2 * h);
    }
}
