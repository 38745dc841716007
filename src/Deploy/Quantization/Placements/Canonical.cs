using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// Writes operators that have no integer kernel by some that do: a batch norm that no convolution took in is a
/// convolution of each channel with one weight; a difference is a sum, a quotient a product with a constant. A GELU is
/// the runtime's own.
/// </summary>
static class Canonical
{
    /// <summary>The same network by those operators.</summary>
    public static Graph Apply(Graph graph)
    {
        var readers = new Readers(graph);
        return Rewrite.Apply(Rewrite.Apply(graph, (n, to) => n.Domain.Length > 0 ? null : n.Op switch
        {
            "BatchNormalization" when IsFixedNorm(n) => [Named(n, Scaled(n, to), to)],
            "HardSwish" => [Named(n, to[n[0]].HardSwish(), to)],
            "ReduceMean" when IsGlobal(n) => [Named(n, to[n[0]].GlobalAveragePool(), to)],
            "Sub" when IsConstant(n) => [Named(n, to[n[0]].Add(Changed(n[1], x => -x, to)), to)],
            "Div" when IsConstant(n) => [Named(n, to[n[0]].Mul(Changed(n[1], x => 1 / x, to)), to)],
            "Mul" when GeluForm.Source(n, readers) is { } x => [Named(n, to[x].FusedGelu(), to)],
            _ => null,
        }));
    }

    static Value Named(Node n, Value y, Rewrite to)
    {
        to.Keep(n.Out, y);
        return y;
    }

    /// <summary>With s = scale / sqrt(variance + epsilon), y is s x + bias - mean s.</summary>
    static Value Scaled(Node n, Rewrite to)
    {
        var (gamma, beta, mean, variance) = (Floats(n, 1), Floats(n, 2), Floats(n, 3), Floats(n, 4));
        var epsilon = (double)n.Float("epsilon", 1e-5f);
        double[] scale = [.. gamma.Zip(variance, (g, v) => g / Math.Sqrt(v + epsilon))];
        var weight = Stored.New(to, $"{n[1].Name}:factor",
            Tensor.Of(Array.ConvertAll(scale, s => (float)s), scale.Length, 1, 1, 1));
        float[] offsets = [.. beta.Select((b, c) => (float)(b - mean[c] * scale[c]))];
        var bias = Stored.New(to, $"{n[2].Name}:offset", Tensor.Of(offsets, offsets.Length));
        return to[n[0]].Conv(weight, bias, new([1, 1], [0, 0, 0, 0], [1, 1], scale.Length));
    }

    static float[] Floats(Node n, int input) => n[input].Data!.ToFloats();

    static bool IsFixedNorm(Node n) => n[0].Shape is { IsKnown: true, Rank: 4 } && n.Int("training_mode") == 0
        && n[0].Type == DType.Float32 && n.In.Skip(1).All(v => v!.Data is not null);

    static bool IsGlobal(Node n) => n[0].Shape is { IsKnown: true, Rank: 4 } && n.Int("keepdims", 1) == 1
        && n[0].Type == DType.Float32 && (!n.Has(1) || n[1].Data is not null)
        && (n.Has(1) ? n.ConstInts(1) : n.Ints("axes")) is { Length: 2 } axes
        && axes.Select(a => n[0].Shape.Axis(a)).Order().SequenceEqual([2, 3]);

    static bool IsConstant(Node n) => n[0].Data is null && n[1] is { Data: not null, Type: DType.Float32 };

    static Value Changed(Value old, Func<float, float> change, Rewrite to) => Stored.New(to, $"{old.Name}:turned",
        Tensor.Of(Array.ConvertAll(old.Data!.ToFloats(), x => change(x)), old.Shape.Sizes));
}
