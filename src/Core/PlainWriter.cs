using System.Globalization;
using System.Text;

namespace OnnxTimm;

/// <summary>
/// Text for a terminal: what would control it (escape codes, cursor moves, reversed writing) is shown instead, since
/// names of files, classes and tensors come from strangers.
/// </summary>
/// <param name="inner">Where the text goes.</param>
sealed class PlainWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Whether all that is written goes to a given writer.</summary>
    public bool WritesTo(TextWriter writer) => inner == writer;

    /// <summary>The text with <c>\x1B</c> in the place of an escape, and so on.</summary>
    public static string Plain(string text)
    {
        // A plain loop: what is written by a command of a tenth of a second would wait for a vectorized search to be
        // compiled.
        if (!text.Any(IsControl))
            return text;
        var plain = new StringBuilder();
        foreach (var (i, c) in text.Index())
            if (!IsControl(c) || text.AsSpan(i).StartsWith("\r\n"))
                plain.Append(c);
            else
                plain.Append(c < 0x100 ? $"\\x{(int)c:X2}" : $"\\u{(int)c:X4}");
        return plain.ToString();
    }

    /// <summary>All control characters but tab and line feed, and those that turn the direction of writing.</summary>
    static bool IsControl(char c) => c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069'
        || char.IsControl(c) && c is not ('\t' or '\n');

    public override void Write(char value)
    {
        if (IsControl(value))
            inner.Write(Plain(value.ToString()));
        else
            inner.Write(value);
    }

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => inner.Write(value is null ? null : Plain(value));

    /// <summary>One call, so that lines of several threads do not mix.</summary>
    public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : Plain(value));

    public override void WriteLine() => inner.WriteLine();

    public override void Flush() => inner.Flush();
}
