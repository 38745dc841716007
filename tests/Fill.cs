using System.Runtime.InteropServices;
using System.Text;

namespace OnnxTimm.Tests;

/// <summary>The reference set's rule for the content of tensors: exact numbers from a name.</summary>
static class Fill
{
    /// <summary>u(name, i): uniform in [-1, 1), exact in float32.</summary>
    public static float[] Uniform(string name, long count)
    {
        var seed = 0xCBF29CE484222325UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            seed = (seed ^ b) * 0x100000001B3UL;
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            var z = seed + (ulong)(i + 1) * 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            values[i] = (float)((z ^ (z >> 31)) >> 40) * (1f / (1 << 23)) - 1f;
        }
        return values;
    }

    /// <summary>The input of every reference run.</summary>
    public static float[] Input(params long[] shape) => Input("input", shape);

    public static float[] Input(string name, params long[] shape)
    {
        var values = Uniform(name, shape.Aggregate(1L, (product, d) => product * d));
        foreach (ref var v in values.AsSpan())
            v *= 1.7f;
        return values;
    }

    /// <summary>
    /// Fills all weights of a graph by the rule, when they are read: one that is listed under several names by the last.
    /// What timm calls a constant stays as it is.
    /// </summary>
    public static Graph Weights(Graph graph, double gain)
    {
        foreach (var (name, w) in graph.StateDict.Where(w => IsFilled(w.Name, w.Weight)).ToArray())
        {
            var shape = w.Shape.Sizes;
            w.Data = new Tensor(DType.Float32, shape, () => Memory(Weight(name, shape, gain)));
        }
        return graph;
    }

    /// <summary>Whether the rule is for it: parameters and running statistics.</summary>
    public static bool IsFilled(string name, Value weight) =>
        weight.Role == Role.Param || name.Contains("running_", StringComparison.Ordinal);

    public static float[] Weight(string name, long[] shape, double gain)
    {
        var values = Uniform(name, shape.Aggregate(1L, (product, d) => product * d));
        var leaf = name[(name.LastIndexOf('.') + 1)..];
        var fan = shape.Skip(1).Aggregate(1L, (product, d) => product * d);
        var (scale, offset) = leaf switch
        {
            "running_var" => (0.2f, 1f),
            "running_mean" => (0.1f, 0f),
            _ when shape.Length >= 2 && shape[0] == 1 => (0.5f, 0f),
            _ when shape.Length >= 2 => ((float)(gain * Math.Sqrt(3.0 / fan)), 0f),
            _ when leaf.Contains("bias") || leaf.Contains("beta") => (0.1f, 0f),
            _ => (0.2f, 1f),
        };
        foreach (ref var v in values.AsSpan())
            v = v * scale + offset;
        return values;
    }

    static ReadOnlyMemory<byte> Memory(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
