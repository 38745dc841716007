using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train.Cpu;

/// <summary>Compares the two dialects of a small graph: outputs, and gradients of every input.</summary>
static class DialectCheck
{
    /// <summary>Fails where a value by kernels differs from that by standard operators.</summary>
    /// <param name="shape">Shape of x, with the batch in front.</param>
    /// <param name="build">Makes y, and the other inputs that it depends on, from x.</param>
    /// <param name="batches">Sizes to try.</param>
    public static void Same(Shape shape, Func<Value, (Value Y, Value[] Others)> build, params int[] batches)
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, shape);
        var (y, others) = build(x);
        Value[] inputs = [x, .. others];
        var weight = graph.Input("dy", DType.Float32, y.Shape);
        var grads = Gradients.Of((y * weight).ReduceSum(keepDims: false), inputs);
        graph.Output("y", y);
        foreach (var input in inputs)
            graph.Output($"grad:{input.Name}", grads[input]);
        foreach (var batch in batches)
            Same(graph, batch);
    }

    static void Same(Graph graph, int batch)
    {
        var inputs = graph.Inputs.Select(i =>
        {
            long[] sizes = [.. i.Shape.Select(d => d.IsFixed ? d.Size : batch * d.Factor)];
            return (i.Name, Fill.Uniform(i.Name, sizes.Aggregate(1L, (a, b) => a * b)), sizes);
        }).ToArray();
        var expected = Ort.Run(Fused.Expand(graph), inputs);
        var actual = Ort.RunOnKernels(graph, inputs);
        foreach (var (name, e) in expected)
            Same(e, actual[name], $"{name} of {graph.Find("x")} at batch {batch}");
    }

    static void Same(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        // Where everything cancels, what remains is rounding of operands of the order of one.
        var size = Math.Max(expected.Max(Math.Abs), 0.1);
        var worst = expected.Zip(actual, (e, a) => (double)Math.Abs(e - a)).Select(d => double.IsNaN(d)
            ? double.MaxValue : d).Max();
        Assert.IsLessThanOrEqualTo(Tolerances.Get("train.kernels") * size, worst, what);
    }
}
