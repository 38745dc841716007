using System.Collections.Frozen;
using System.Numerics.Tensors;

namespace OnnxTimm.Tests;

/// <summary>
/// Runs a convolutional network in float64, slowly: the judge over networks whose gates are so sharp that the last bit
/// of a float32 decides. ONNX Runtime has no such kernels.
/// </summary>
static class Float64
{
    delegate double[] Kernel(Node n, double[][] inputs);

    static readonly FrozenDictionary<string, Kernel> Kernels = new Dictionary<string, Kernel>
    {
        { "Add", (n, x) => Broadcast(n, x, (a, b) => a + b) },
        { "Mul", (n, x) => Broadcast(n, x, (a, b) => a * b) },
        { "Sigmoid", Sigmoid },
        { "Flatten", (_, x) => x[0] },
        { "GlobalAveragePool", (n, x) => [.. x[0].Chunk(x[0].Length / n[0].Channels).Select(map => map.Average())] },
        { "BatchNormalization", BatchNorm },
        { "Conv", Conv },
        { "Gemm", Gemm },
    }.ToFrozenDictionary();

    /// <summary>Whether there is a kernel for every operator of a graph.</summary>
    public static bool Knows(Graph graph) => graph.Nodes.All(n => Kernels.ContainsKey(n.Op) || n.Op == "Identity");

    /// <summary>The outputs by name for a batch of images, each run by itself.</summary>
    public static Dictionary<string, float[]> Run(Graph graph, (string Name, float[] Data, long[] Shape) batch)
    {
        var images = batch.Data.Chunk(batch.Data.Length / (int)batch.Shape[0]);
        var results = images.Select(image => One(graph, image)).ToArray();
        return graph.Outputs.ToDictionary(o => o.Name, o => results.SelectMany(r => r[o]).Select(v =>
            (float)v).ToArray());
    }

    static Dictionary<Value, double[]> One(Graph graph, float[] image)
    {
        var values = new Dictionary<Value, double[]> { [graph.Inputs[0]] = Array.ConvertAll(image, v => (double)v) };
        var last = graph.Nodes.SelectMany(n => n.In.OfType<Value>().Select(v => (v, n)))
            .GroupBy(use => use.v).ToDictionary(uses => uses.Key, uses => uses.Last().n);
        foreach (var n in graph.Nodes)
        {
            double[][] inputs = [.. n.In.OfType<Value>().Select(v => values.GetValueOrDefault(v) ?? Stored(v))];
            values[n.Out] = n.Op == "Identity" ? inputs[0] : Kernels[n.Op](n, inputs);
            foreach (var v in n.In.OfType<Value>().Where(v => last[v] == n && !graph.Outputs.Contains(v)))
                values.Remove(v);
        }
        return values;
    }

    static double[] Stored(Value v) => Array.ConvertAll(v.Data!.ToFloats(), w => (double)w);

    /// <summary>Two maps, or a map and one number for each of its channels.</summary>
    static double[] Broadcast(Node n, double[][] x, Func<double, double, double> f)
    {
        var (a, b) = (x[0], x[1]);
        if (a.Length < b.Length)
            return Broadcast(n, [b, a], (p, q) => f(q, p));
        var each = a.Length == b.Length || (n[1].Shape.Rank == 4 && b.Length == n[0].Channels)
            ? a.Length / b.Length
            : throw new NotSupportedException(n.ToString());
        var y = new double[a.Length];
        for (var i = 0; i < y.Length; i++)
            y[i] = f(a[i], b[i / each]);
        return y;
    }

    static double[] Sigmoid(Node n, double[][] x)
    {
        var y = new double[x[0].Length];
        TensorPrimitives.Sigmoid(x[0], y);
        return y;
    }

    static double[] BatchNorm(Node n, double[][] x)
    {
        var (epsilon, size, y) = (n.Float("epsilon"), x[0].Length / x[1].Length, new double[x[0].Length]);
        for (var c = 0; c < x[1].Length; c++)
        {
            var scale = x[1][c] / Math.Sqrt(x[4][c] + epsilon);
            for (var i = c * size; i < (c + 1) * size; i++)
                y[i] = (x[0][i] - x[3][c]) * scale + x[2][c];
        }
        return y;
    }

    static double[] Gemm(Node n, double[][] x) =>
        [.. x[1].Chunk(x[0].Length).Select((row, o) => TensorPrimitives.Dot<double>(x[0], row) + x[2][o])];

    static double[] Conv(Node n, double[][] x)
    {
        var (pixels, channels) = ((int)(n.Out.Height * n.Out.Width), n.Out.Channels);
        var y = new double[channels * pixels];
        Parallel.For(0, channels, o =>
        {
            var map = y.AsSpan(o * pixels, pixels);
            map.Fill(x.Length > 2 ? x[2][o] : 0);
            var (inputs, spec) = (n[1].Channels, ConvSpec.Of(n));
            var (kernel, size) = (n[1].Height * n[1].Width, n[0].Height * n[0].Width);
            for (var c = 0; c < inputs; c++)
                Correlate(n, spec, x[0].AsSpan((o / (channels / (int)spec.Group) * inputs + c) * size, size),
                    x[1].AsSpan((o * inputs + c) * kernel, kernel), map);
        });
        return y;
    }

    /// <summary>Adds what one map gives to another by one window, a tap after the other.</summary>
    static void Correlate(Node n, ConvSpec spec, ReadOnlySpan<double> x, ReadOnlySpan<double> kernel, Span<double> y)
    {
        var (stride, top, left) = ((int)spec.Strides[0], (int)spec.Pads[0], (int)spec.Pads[1]);
        var (height, width, rows, columns) = kernel.Length == 1 && stride == 1
            ? (1, y.Length, 1, y.Length)
            : (n[0].Height, n[0].Width, n.Out.Height, n.Out.Width);
        for (var tap = 0; tap < kernel.Length; tap++)
        {
            var (dy, dx) = (tap / n[1].Width - top, tap % n[1].Width - left);
            var first = Math.Max(0, (stride - 1 - dx) / stride);
            var end = Math.Min(columns, (width - 1 - dx) / stride + 1);
            for (var row = 0; row < rows; row++)
            {
                if (row * stride + dy < 0 || row * stride + dy >= height)
                    continue;
                var from = x.Slice((row * stride + dy) * width, width);
                var to = y.Slice(row * columns, columns);
                if (stride == 1)
                    TensorPrimitives.MultiplyAdd(
                        from[(first + dx)..(end + dx)], kernel[tap], to[first..end], to[first..end]);
                else
                    for (var column = first; column < end; column++)
                        to[column] += kernel[tap] * from[column * stride + dx];
            }
        }
    }
}
