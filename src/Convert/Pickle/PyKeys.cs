using System.Runtime.CompilerServices;

namespace OnnxTimm.Conversion;

/// <summary>
/// Equality of dictionary keys out of a pickle: texts and numbers by value, everything else by identity. The hashes are
/// seeded per process, so that a file cannot choose keys that collide.
/// </summary>
sealed class PyKeys : IEqualityComparer<object?>
{
    public static readonly PyKeys Comparer = new();

    bool IEqualityComparer<object?>.Equals(object? a, object? b) => (a, b) switch
    {
        (string x, string y) => x == y,
        (long x, long y) => x == y,
        (double x, double y) => x.Equals(y),
        (bool x, bool y) => x == y,
        _ => ReferenceEquals(a, b),
    };

    int IEqualityComparer<object?>.GetHashCode(object? key) => key switch
    {
        string text => text.GetHashCode(StringComparison.Ordinal),
        long number => Seeded(number),
        double number => Seeded(BitConverter.DoubleToInt64Bits(number)),
        bool flag => flag ? 1 : 0,
        _ => RuntimeHelpers.GetHashCode(key),
    };

    static int Seeded(long bits) => HashCode.Combine((int)bits, (int)(bits >> 32));
}
