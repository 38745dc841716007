using System.Collections.Frozen;
using System.Numerics.Tensors;

namespace OnnxTimm.Passes;

/// <summary>
/// float32 as float16: weights, and the values between nodes. Norms, softmax and sums of long rows stay in float32, and
/// so does a node with a constant that half precision does not hold.
/// </summary>
public sealed class HalfPrecision
{
    /// <summary>The largest number of float16 (IEEE 754 binary16).</summary>
    public const float Largest = 65504;

    /// <summary>The least number above 0 with all its digits: a smaller epsilon would be another one, or 0.</summary>
    public const float Smallest = 1f / (1 << 14);

    /// <summary>Terms of a sum whose rounding, at 2^-11 each, would be seen.</summary>
    public const long LongRow = 256;

    static readonly FrozenSet<string> Norms = ("LayerNormalization InstanceNormalization GroupNormalization "
        + "BatchNormalization LRN Softmax LogSoftmax Pow Exp Log Sqrt Reciprocal ReduceL2 ReduceSumSquare")
        .Split(' ').ToFrozenSet();

    static readonly FrozenSet<string> Sums = "ReduceMean ReduceSum GlobalAveragePool".Split(' ').ToFrozenSet();

    readonly bool halfIo;
    readonly HashSet<Node> exact = [];
    readonly HashSet<Value> outputs;
    readonly Dictionary<Value, bool> held = [];
    readonly Dictionary<Value, Value> inner = [];
    readonly Dictionary<(Value, DType), Value> typed = [];

    HalfPrecision(Graph graph, bool halfIo, Predicate<Node> alsoExact)
    {
        (this.halfIo, outputs) = (halfIo, [.. graph.Outputs]);
        foreach (var n in graph.Nodes.Where(n => IsExact(n) || alsoExact(n)))
            exact.Add(n);
    }

    /// <summary>Writes a graph in half precision.</summary>
    /// <param name="graph">A graph in float32.</param>
    /// <param name="halfIo">Whether inputs and outputs are float16 too.</param>
    /// <param name="alsoExact">Further nodes that stay in float32; null for none.</param>
    public static Graph Apply(Graph graph, bool halfIo = false, Predicate<Node>? alsoExact = null)
    {
        var pass = new HalfPrecision(graph, halfIo, alsoExact ?? (_ => false));
        var needed = graph.Nodes.Where(pass.exact.Contains).SelectMany(n => n.In.OfType<Value>())
            .Concat(graph.Nodes.SelectMany(n => n.In.Where((_, i) => KeepsType(n, i)).OfType<Value>())).ToHashSet();
        return Rewrite.Apply(Rewrite.Apply(graph, pass.Emit, (v, target) =>
            target.Store(v.Name, v.Role, v.Type == DType.Float32 && !needed.Contains(v) ? Halved(v.Data!) : v.Data!)));
    }

    /// <summary>Whether a node adds up terms, whose number may be large.</summary>
    public static bool IsSum(Node n) => Sums.Contains(n.Op);

    /// <summary>How many nodes stay in float32.</summary>
    public static int CountExact(Graph half) => half.Nodes.Count(n =>
        n.Op != "Cast" && n.Outs.Any(v => v.Type == DType.Float32) && n.In.Any(v => v?.Type == DType.Float32));

    /// <summary>Whether float16 holds all numbers of a tensor; of a single one, all its digits too.</summary>
    public static bool Holds(Tensor tensor)
    {
        var values = tensor.ToFloats();
        return Array.TrueForAll(values, x => !float.IsFinite(x) || Math.Abs(x) <= Largest)
            && (values.Length != 1 || values[0] == 0 || Math.Abs(values[0]) >= Smallest);
    }

    bool IsExact(Node n) => Norms.Contains(n.Op)
        || IsSum(n) && !(Terms(n) <= LongRow)
        || n is { Op: "Mul", In: [var a, var b] } && a == b
        || n.In.Where((v, i) => v is { Type: DType.Float32, Data: not null } && !KeepsType(n, i)).Any(v => !Held(v!))
        || FollowsExact(n);

    /// <summary>A number that a norm's mean of squares meets before its root.</summary>
    bool FollowsExact(Node n) => n.Op is "Add" or "Sub" or "Mul" or "Div" or "Max" && n.In is [var a, var b]
        && (IsScalar(b!) && IsOfExact(a!) || IsScalar(a!) && IsOfExact(b!) || IsOfExact(a!) && IsOfExact(b!));

    bool IsOfExact(Value v) => v is { Type: DType.Float32, Producer: { } n }
        && n.Op is not ("LayerNormalization" or "Softmax" or "InstanceNormalization") && exact.Contains(n);

    static bool IsScalar(Value v) => v.Data is { Count: 1 };

    bool Held(Value stored) =>
        held.TryGetValue(stored, out var isHeld) ? isHeld : held[stored] = Holds(stored.Data!);

    /// <summary>Terms of each sum; null where the image's size is not known.</summary>
    static long? Terms(Node n) => n[0].Shape.IsKnown && n.Out.Shape.IsKnown
        && n[0].Shape.Count is var from && n.Out.Shape.Count is var to && from.Symbol == to.Symbol && to.Factor > 0
            ? from.Factor / to.Factor : null;

    /// <summary>Inputs whose type the operator's definition fixes.</summary>
    static bool KeepsType(Node n, int input) => n.Op == "Resize" && input is 1 or 2;

    Value[] Emit(Node n, Rewrite to)
    {
        var type = exact.Contains(n) ? DType.Float32 : DType.Float16;
        if (halfIo)
            foreach (var input in to.Target.Inputs.Where(v => v.Type == DType.Float32))
                input.Type = DType.Float16;
        Value?[] inputs = [.. n.In.Select((v, i) => v is not { Type: DType.Float32 } ? v is null ? null : to[v]
            : As(v, KeepsType(n, i) ? DType.Float32 : type, to))];
        if (!n.Outs.Any(outputs.Contains))
            return to.Copy(n, inputs);
        var outs = to.CopyUnnamed(n, inputs);
        foreach (var (old, value) in n.Outs.Zip(outs))
            inner[old] = value;
        return [.. n.Outs.Zip(outs, (old, value) => outputs.Contains(old) && old.Type == DType.Float32
            ? value.Cast(halfIo ? DType.Float16 : DType.Float32) : value)];
    }

    /// <summary>A value in a type: stored in it, or cast once for all who read it.</summary>
    Value As(Value old, DType type, Rewrite to)
    {
        var value = inner.GetValueOrDefault(old) ?? to[old];
        if (value.Type == type)
            return value;
        if (typed.TryGetValue((old, type), out var known))
            return known;
        return typed[(old, type)] = old.Data is not { } content ? value.Cast(type)
            : to.Target.Store(to.Target.Fresh($"{old.Name}:{type.ToString().ToLowerInvariant()}"), old.Role,
                type == DType.Float16 ? Halved(content) : content);
    }

    static Tensor Halved(Tensor tensor) => Tensor.Lazy(() =>
    {
        var values = tensor.ToFloats();
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        return halves;
    }, tensor.Shape);
}
