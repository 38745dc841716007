using System.Collections.Frozen;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OnnxTimm.Train;

/// <summary>
/// One operator over a block. Operands are as long as the result or have one element, which then stands for all;
/// the result may lie where an operand lies.
/// </summary>
delegate void BlockOp(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> to);

/// <summary>A reduction over a whole tensor, as a sum.</summary>
/// <param name="Part">Of one block.</param>
/// <param name="Finish">From the sum of all and the number of elements.</param>
sealed record BlockReduction(Func<ReadOnlySpan<float>, double> Part, Func<double, long, double> Finish);

/// <summary>
/// ONNX operators that can be evaluated block by block: a table, operator to kernel. Truth is 1 and 0.
/// </summary>
static class BlockOps
{
    delegate void Pair(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> to);

    delegate void WithScalar(ReadOnlySpan<float> a, float b, Span<float> to);

    public static readonly FrozenDictionary<string, BlockOp> Elementwise = new Dictionary<string, BlockOp>
    {
        { "Add", Commutative(TensorPrimitives.Add, TensorPrimitives.Add) },
        { "Sub", Binary(TensorPrimitives.Subtract, TensorPrimitives.Subtract, SubtractFrom) },
        { "Mul", Commutative(TensorPrimitives.Multiply, TensorPrimitives.Multiply) },
        { "Div", Binary(TensorPrimitives.Divide, TensorPrimitives.Divide, DivideFrom) },
        { "Pow", Binary(TensorPrimitives.Pow, TensorPrimitives.Pow, (a, b, to) => TensorPrimitives.Pow(b, a, to)) },
        { nameof(ThirdPower), Each(ThirdPower.Of) },
        { "Min", Commutative(TensorPrimitives.Min, TensorPrimitives.Min) },
        { "Max", Commutative(TensorPrimitives.Max, TensorPrimitives.Max) },
        { "And", Commutative(TensorPrimitives.Multiply, TensorPrimitives.Multiply) },
        { "Neg", (a, _, _, to) => TensorPrimitives.Negate(a, to) },
        { "Abs", (a, _, _, to) => TensorPrimitives.Abs(a, to) },
        { "Sqrt", (a, _, _, to) => TensorPrimitives.Sqrt(a, to) },
        { "Exp", (a, _, _, to) => TensorPrimitives.Exp(a, to) },
        { "Log", (a, _, _, to) => TensorPrimitives.Log(a, to) },
        { "Reciprocal", (a, _, _, to) => TensorPrimitives.Reciprocal(a, to) },
        { "Identity", (a, _, _, to) => a.CopyTo(to) },
        { "Cast", (a, _, _, to) => a.CopyTo(to) },
        { "Greater", (a, b, _, to) => Greater(a, b, to) },
        { "Less", (a, b, _, to) => Greater(b, a, to) },
        { "Where", Where },
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, BlockReduction> Reductions = new Dictionary<string, BlockReduction>
    {
        { "ReduceSum", new(x => TensorPrimitives.Sum(x), (sum, _) => sum) },
        { "ReduceMean", new(x => TensorPrimitives.Sum(x), (sum, count) => sum / count) },
        { "ReduceL2", new(x => TensorPrimitives.SumOfSquares(x), (sum, _) => Math.Sqrt(sum)) },
    }.ToFrozenDictionary();

    /// <summary>A node's operator and its operands; some powers are operators of their own.</summary>
    public static (string Op, IEnumerable<Value?> In) Of(Node n) =>
        n.Op == "Pow" && n[1].Data?.ToFloats() is [ThirdPower.Exponent]
            ? (nameof(ThirdPower), n.In.Take(1)) : (n.Op, n.In);

    /// <param name="pair">Two blocks.</param>
    /// <param name="right">A block and a number.</param>
    /// <param name="left">The same with the number on the left.</param>
    static BlockOp Binary(Pair pair, WithScalar right, WithScalar left) => (a, b, _, to) =>
    {
        if (a.Length == b.Length)
            pair(a, b, to);
        else if (b.Length == 1)
            right(a, b[0], to);
        else
            left(b, a[0], to);
    };

    static BlockOp Commutative(Pair pair, WithScalar scalar) => Binary(pair, scalar, scalar);

    /// <summary>A function of vectors; the last one is filled up.</summary>
    static BlockOp Each(Func<Vector<float>, Vector<float>> function) => (a, _, _, to) =>
    {
        Span<float> last = stackalloc float[Vector<float>.Count];
        for (var i = 0; i < to.Length; i += Vector<float>.Count)
        {
            var count = Math.Min(Vector<float>.Count, to.Length - i);
            a.Slice(i, count).CopyTo(last);
            function(new(last)).CopyTo(last);
            last[..count].CopyTo(to[i..]);
        }
    };

    static void SubtractFrom(ReadOnlySpan<float> a, float b, Span<float> to) => TensorPrimitives.Subtract(b, a, to);

    static void DivideFrom(ReadOnlySpan<float> a, float b, Span<float> to) => TensorPrimitives.Divide(b, a, to);

    static void Greater(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> to)
    {
        var i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.ConditionalSelect(Vector.GreaterThan(Load(a, i), Load(b, i)), Vector<float>.One, Vector<float>.Zero)
                .StoreUnsafe(ref MemoryMarshal.GetReference(to), (nuint)i);
        for (; i < to.Length; i++)
            to[i] = At(a, i) > At(b, i) ? 1 : 0;
    }

    static void Where(ReadOnlySpan<float> condition, ReadOnlySpan<float> yes, ReadOnlySpan<float> no, Span<float> to)
    {
        if (condition.Length == 1 && to.Length > 1)
        {
            Spread(condition[0] != 0 ? yes : no, to);
            return;
        }
        var i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.ConditionalSelect(Vector.Equals(Load(condition, i), Vector<float>.Zero), Load(no, i), Load(yes, i))
                .StoreUnsafe(ref MemoryMarshal.GetReference(to), (nuint)i);
        for (; i < to.Length; i++)
            to[i] = At(condition, i) != 0 ? At(yes, i) : At(no, i);
    }

    static void Spread(ReadOnlySpan<float> from, Span<float> to)
    {
        if (from.Length == 1)
            to.Fill(from[0]);
        else
            from.CopyTo(to);
    }

    static Vector<float> Load(ReadOnlySpan<float> x, int i) =>
        x.Length == 1 ? new(x[0]) : Vector.LoadUnsafe(ref MemoryMarshal.GetReference(x), (nuint)i);

    static float At(ReadOnlySpan<float> x, int i) => x.Length == 1 ? x[0] : x[i];
}
