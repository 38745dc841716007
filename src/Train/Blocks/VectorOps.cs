using System.Collections.Frozen;
using System.Numerics;
using System.Reflection;

namespace OnnxTimm.Train;

/// <summary>
/// The operators of <see cref="BlockOps"/> over one vector of elements, for loops that are compiled. All values are
/// float32: true is 1 and false 0, so that And is a product.
/// </summary>
static class VectorOps
{
    /// <summary>By the operator's name.</summary>
    public static readonly FrozenDictionary<string, MethodInfo> Elementwise = new Dictionary<string, MethodInfo>
    {
        { "Add", Operator("op_Addition") },
        { "Sub", Operator("op_Subtraction") },
        { "Mul", Operator("op_Multiply") },
        { "Div", Operator("op_Division") },
        { "And", Operator("op_Multiply") },
        { "Min", Own(nameof(Min)) },
        { "Max", Own(nameof(Max)) },
        { "Neg", Function(nameof(Vector.Negate), 1) },
        { "Abs", Function(nameof(Vector.Abs), 1) },
        { "Sqrt", Function(nameof(Vector.SquareRoot), 1) },
        { "Reciprocal", Own(nameof(Reciprocal)) },
        { "Greater", Own(nameof(Greater)) },
        { "Less", Own(nameof(Less)) },
        { "Where", Own(nameof(Where)) },
    }.Concat(ThirdPower.Functions).ToFrozenDictionary();

    /// <summary>What a reduction adds to its sum so far, by the operator's name.</summary>
    public static readonly FrozenDictionary<string, MethodInfo> Reductions = new Dictionary<string, MethodInfo>
    {
        { "ReduceSum", Operator("op_Addition") },
        { "ReduceMean", Operator("op_Addition") },
        { "ReduceL2", Own(nameof(AddSquare)) },
    }.ToFrozenDictionary();

    /// <summary>A vector of nothing.</summary>
    public static MethodInfo Zero { get; } = typeof(Vector<float>).GetProperty(nameof(Vector<>.Zero))!.GetMethod!;

    /// <summary>Reads a vector from a place and an offset in elements.</summary>
    public static MethodInfo Read { get; } = Memory(nameof(Vector.LoadUnsafe));

    /// <summary>Writes a vector to a place and an offset in elements.</summary>
    public static MethodInfo Write { get; } = Memory(nameof(Vector.StoreUnsafe));

    /// <summary>Whether an operator can be part of a loop.</summary>
    public static bool Has(string op) =>
        op == nameof(ThirdPower) || Elementwise.ContainsKey(op) || Reductions.ContainsKey(op);

    /// <summary>The steps of an operator; all but a power are one.</summary>
    public static IEnumerable<BlockNode> Steps(BlockNode node) =>
        node.Op == nameof(ThirdPower) ? ThirdPower.Steps(node) : [node];

    // The processor's own instruction gives the second operand where one is no number.
    static Vector<float> Min(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.Equals(a, a), Vector.MinNative(a, b), a);

    static Vector<float> Max(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.Equals(a, a), Vector.MaxNative(a, b), a);

    static Vector<float> Reciprocal(Vector<float> x) => Vector<float>.One / x;

    static Vector<float> Greater(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.GreaterThan(a, b), Vector<float>.One, Vector<float>.Zero);

    static Vector<float> Less(Vector<float> a, Vector<float> b) => Greater(b, a);

    static Vector<float> Where(Vector<float> condition, Vector<float> yes, Vector<float> no) =>
        Vector.ConditionalSelect(Vector.Equals(condition, Vector<float>.Zero), no, yes);

    static Vector<float> AddSquare(Vector<float> sum, Vector<float> x) => sum + x * x;

    /// <summary>Of several of that name the one with a number of elements.</summary>
    static MethodInfo Memory(string name) => typeof(Vector).GetMethods()
        .Single(m => m.Name == name && m.IsGenericMethodDefinition
            && m.GetParameters()[^1].ParameterType == typeof(nuint))
        .MakeGenericMethod(typeof(float));

    static MethodInfo Operator(string name) =>
        typeof(Vector<float>).GetMethod(name, [typeof(Vector<float>), typeof(Vector<float>)])!;

    static MethodInfo Function(string name, int arity) => typeof(Vector).GetMethods()
        .Single(m => m.Name == name && m.IsGenericMethodDefinition && m.GetParameters().Length == arity)
        .MakeGenericMethod(typeof(float));

    static MethodInfo Own(string name) => typeof(VectorOps).GetMethod(name,
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)!;
}
