namespace OnnxTimm.Models;

/// <summary>Sorts texts as people do: numbers in them count as numbers.</summary>
public sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        while (a.Length > 0 && b.Length > 0)
        {
            var (p, q) = (Run(a), Run(b));
            var order = char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0])
                ? Number(a[..p]).CompareTo(Number(b[..q]))
                : a[..p].CompareTo(b[..q], StringComparison.Ordinal);
            if (order != 0)
                return order;
            a = a[p..];
            b = b[q..];
        }
        return a.Length.CompareTo(b.Length);
    }

    static int Run(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == char.IsAsciiDigit(text[0]))
            length++;
        return length;
    }

    static decimal Number(ReadOnlySpan<char> digits) => decimal.TryParse(digits, out var n) ? n : decimal.MaxValue;
}
