using System.Collections.Frozen;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Train;

/// <summary>
/// The operators of <see cref="BlockOps"/> over one vector of elements, for loops that are compiled. All values are
/// float32: true is 1 and false 0, so that And is a product.
/// </summary>
static class VectorOps
{
    /// <summary>The float32 nearest to a third.</summary>
    public const float Third = 1f / 3;

    /// <summary>By the operator's name.</summary>
    public static readonly FrozenDictionary<string, MethodInfo> Elementwise = new Dictionary<string, MethodInfo>
    {
        { "Add", Operator("op_Addition") },
        { "Sub", Operator("op_Subtraction") },
        { "Mul", Operator("op_Multiply") },
        { "Div", Operator("op_Division") },
        { "And", Operator("op_Multiply") },
        { "ThirdPower", Own(nameof(ThirdPower)) },
        { "Min", Own(nameof(Min)) },
        { "Max", Own(nameof(Max)) },
        { "Neg", Function(nameof(Vector.Negate), 1) },
        { "Abs", Function(nameof(Vector.Abs), 1) },
        { "Sqrt", Function(nameof(Vector.SquareRoot), 1) },
        { "Reciprocal", Own(nameof(Reciprocal)) },
        { "Greater", Own(nameof(Greater)) },
        { "Less", Own(nameof(Less)) },
        { "Where", Own(nameof(Where)) },
    }.ToFrozenDictionary();

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

    /// <summary>
    /// x to the power of <see cref="Third"/>, within 1.2e-7 of itself (3e-7 above 8e37). The bits of a float are,
    /// roughly, its logarithm: they give the reciprocal of the root to 4 %. It is cut to eight digits of which the cube
    /// is exact, so that what it lacks is known to the bit, and a series makes up for that. The exponent is 1e-8 more
    /// than a third, which is a small factor beside the series.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> ThirdPower(Vector<float> x)
    {
        var isTiny = Vector.LessThan(x, new(LeastNormal));
        var lifted = (x + Vector<float>.Zero) * Vector.ConditionalSelect(isTiny, new(Lift), Vector<float>.One);
        var log = Vector.ConvertToSingle(Vector.AsVectorInt32(lifted));
        var seed = Vector.AsVectorSingle(Vector.ConvertToInt32Native(Fused(log, new(-Third), new(RootOfOne)))
            & new Vector<int>(-1 << 16));
        var square = seed * seed;
        var rest = Fused(lifted, square * seed, -Vector<float>.One);
        var factor = Fused(rest, Series(rest), Excess(log, rest));
        var root = lifted * square;
        root = Fused(root, factor, root) * Vector.ConditionalSelect(isTiny, new(Lowering), Vector<float>.One);
        // What is infinite stays so; what is negative has no root: ones in all bits are no number.
        var bits = Vector.AsVectorInt32(x + Vector<float>.Zero);
        var other = Vector.AsVectorSingle(bits | Vector.ShiftRightArithmetic(bits, 31));
        return Vector.ConditionalSelect(Vector.LessThan(other, new(float.PositiveInfinity)), root, other);
    }

    /// <summary>Below it the bits of a number are no logarithm.</summary>
    const float LeastNormal = 1.17549435e-38f;

    /// <summary>2^24, and what it becomes by the power, to be taken off again.</summary>
    const float Lift = 16_777_216, Lowering = 0.00390624936f;

    /// <summary>The bits of 1 as a reciprocal root, so that the largest error of all numbers is least.</summary>
    const float RootOfOne = 1.41992e9f;

    /// <summary>((1 + x)^(-2/3) - 1) / x within 1.4e-9 for |x| up to 0.111, fitted for that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Series(Vector<float> x)
    {
        var square = x * x;
        var (low, middle, high) = (Fused(x, new(0.55555578f), new(-0.66666674f)),
            Fused(x, new(0.45258914f), new(-0.49377587f)), Fused(x, new(0.40908068f), new(-0.43081669f)));
        return Fused(square, Fused(square, high, middle), low);
    }

    /// <summary>
    /// The logarithm of x, times what <see cref="Third"/> is more than a third, times the root's share of the series.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Excess(Vector<float> log, Vector<float> rest)
    {
        const float ofTwo = (float)((Third - 1 / 3.0) * 0.69314718055994531);
        var excess = Fused(log, new(ofTwo / (1 << 23)), new(-127 * ofTwo));
        return Fused(rest * (-2f / 3), excess, excess);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Fused(Vector<float> a, Vector<float> b, Vector<float> c) =>
        Vector.FusedMultiplyAdd(a, b, c);

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
