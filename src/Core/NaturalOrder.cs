using System.Globalization;

namespace OnnxTimm;

/// <summary>
/// The order of timm's <c>natural_key</c>: without regard to case, runs of digits as numbers (9 before 10).
/// Names that this order holds equal follow by code.
/// </summary>
public sealed class NaturalOrder : IComparer<string>
{
    /// <summary>It has no state: one serves all.</summary>
    public static NaturalOrder Instance { get; } = new();

    /// <summary>
    /// Below 0, 0 or above 0 as <paramref name="x"/> comes before, with or after <paramref name="y"/>; null comes
    /// first.
    /// </summary>
    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> a = x, b = y;
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var order = char.IsDigit(a[0]) && char.IsDigit(b[0])
                ? CompareNumbers(ref a, ref b)
                : CompareChars(ref a, ref b);
            if (order != 0)
                return order;
        }
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(x, y);
    }

    /// <summary>A digit ends a piece of text, and a shorter piece comes first.</summary>
    static int CompareChars(ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        var order = char.IsDigit(b[0]).CompareTo(char.IsDigit(a[0]));
        if (order == 0)
            order = char.ToLowerInvariant(a[0]).CompareTo(char.ToLowerInvariant(b[0]));
        a = a[1..];
        b = b[1..];
        return order;
    }

    static int CompareNumbers(ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        var m = TakeDigits(ref a);
        var n = TakeDigits(ref b);
        if (m.Length != n.Length)
            return m.Length.CompareTo(n.Length);
        for (var i = 0; i < m.Length; i++)
            if (Digit(m[i]) != Digit(n[i]))
                return Digit(m[i]).CompareTo(Digit(n[i]));
        return 0;
    }

    static ReadOnlySpan<char> TakeDigits(ref ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && char.IsDigit(text[end]))
            end++;
        var digits = text[..end];
        text = text[end..];
        while (digits.Length > 1 && Digit(digits[0]) == 0)
            digits = digits[1..];
        return digits;
    }

    static int Digit(char c) => CharUnicodeInfo.GetDecimalDigitValue(c);
}
