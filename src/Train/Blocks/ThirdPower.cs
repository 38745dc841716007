using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Train;

/// <summary>
/// x to the power of <see cref="Exponent"/>, within 1.2e-7 of itself (2e-7 at 1e30 and 1e-30, 3e-7 above 8e37). The
/// bits of a float are, roughly, its logarithm: they give the reciprocal of the root to 4 %. It is cut to eight digits
/// of which the cube is exact, so that what it lacks is known to the bit, and a series makes up for that. The exponent
/// is 1e-8 more than a third, which is a small share beside the series.
/// </summary>
static class ThirdPower
{
    /// <summary>The float32 nearest to a third.</summary>
    public const float Exponent = 1f / 3;

    /// <summary>Below it the bits of a number are no logarithm.</summary>
    const float LeastNormal = 1.17549435e-38f;

    /// <summary>2^24, and what it becomes by the power, to be taken off again.</summary>
    const float Lifting = 16_777_216, Lowering = 0.00390624936f;

    /// <summary>The bits of 1 as a reciprocal root, so that the largest error of all numbers is least.</summary>
    const float RootOfOne = 1.41992e9f;

    /// <summary>What the exponent is more than a third, for a logarithm of base 2.</summary>
    const float Excess = (float)((Exponent - 1 / 3.0) * 0.69314718055994531);

    /// <summary>Each step reads x (0) or what earlier steps have given (from 1).</summary>
    static readonly (string Name, int[] From)[] Table =
    [
        (nameof(Lifted), [0]),
        (nameof(Log), [1]),
        (nameof(Seed), [2]),
        (nameof(Rest), [1, 3]),
        (nameof(Series), [4]),
        (nameof(Root), [1, 2, 3, 4, 5]),
        (nameof(Closed), [0, 6]),
    ];

    /// <summary>The steps by their names.</summary>
    public static IEnumerable<KeyValuePair<string, MethodInfo>> Functions => Table.Select(step => KeyValuePair.Create(
        NameOf(step.Name), typeof(ThirdPower).GetMethod(step.Name, BindingFlags.NonPublic | BindingFlags.Static)!));

    /// <summary>The node as its steps; what passes between them has no place.</summary>
    public static IEnumerable<BlockNode> Steps(BlockNode node)
    {
        Operand[] values =
            [node.From[0], .. Enumerable.Range(1, Table.Length - 1).Select(i => new Operand(Place.None, i)), node.To];
        return Table.Select((step, i) =>
            new BlockNode(NameOf(step.Name), [.. step.From.Select(from => values[from])], values[i + 1]));
    }

    /// <summary>All steps at once.</summary>
    public static Vector<float> Of(Vector<float> x)
    {
        var lifted = Lifted(x);
        var log = Log(lifted);
        var seed = Seed(log);
        var rest = Rest(lifted, seed);
        return Closed(x, Root(lifted, log, seed, rest, Series(rest)));
    }

    static string NameOf(string step) => $"{nameof(ThirdPower)}.{step}";

    /// <summary>What has no root becomes 0 for now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Lifted(Vector<float> x) =>
        Vector.MaxNative(x * OneOr(Lifting, IsTiny(x)), Vector<float>.Zero);

    static Vector<float> Log(Vector<float> lifted) => Vector.ConvertToSingle(Vector.AsVectorInt32(lifted));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Seed(Vector<float> log) => Vector.AsVectorSingle(
        Vector.ConvertToInt32Native(Fused(log, new(-Exponent), new(RootOfOne))) & new Vector<int>(-1 << 16));

    /// <summary>The cube of the seed times x, less 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Rest(Vector<float> lifted, Vector<float> seed) =>
        Fused(lifted, seed * seed * seed, -Vector<float>.One);

    /// <summary>((1 + x)^(-2/3) - 1) / x within 1.4e-9 for |x| up to 0.111, fitted for that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Series(Vector<float> x)
    {
        var square = x * x;
        var (low, middle, high) = (Fused(x, new(0.55555578f), new(-0.66666674f)),
            Fused(x, new(0.45258914f), new(-0.49377587f)), Fused(x, new(0.40908068f), new(-0.43081669f)));
        return Fused(square, Fused(square, high, middle), low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Root(Vector<float> lifted, Vector<float> log, Vector<float> seed, Vector<float> rest,
        Vector<float> series)
    {
        var root = lifted * (seed * seed);
        var excess = Fused(log, new(Excess / (1 << 23)), new(-127 * Excess));
        return Fused(root, Fused(rest, series, excess), root);
    }

    /// <summary>What is infinite stays so; what is negative has no root: ones in all bits are no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Closed(Vector<float> x, Vector<float> root)
    {
        var other = Vector.AsVectorSingle(Vector.AsVectorInt32(x) | Vector.LessThan(x, Vector<float>.Zero));
        return Vector.ConditionalSelect(Vector.LessThan(other, new(float.PositiveInfinity)),
            root * OneOr(Lowering, IsTiny(x)), other);
    }

    /// <summary>A factor where a condition holds, 1 elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> OneOr(float factor, Vector<int> condition)
    {
        var one = BitConverter.SingleToInt32Bits(1);
        return Vector.AsVectorSingle(
            new Vector<int>(one) + (condition & new Vector<int>(BitConverter.SingleToInt32Bits(factor) - one)));
    }

    static Vector<int> IsTiny(Vector<float> x) => Vector.LessThan(x, new(LeastNormal));

    static Vector<float> Fused(Vector<float> a, Vector<float> b, Vector<float> c) =>
        Vector.FusedMultiplyAdd(a, b, c);
}
