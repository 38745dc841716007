using System.Buffers;
using System.Globalization;

namespace OnnxTimm;

/// <summary>Comma-separated values as RFC 4180 and Python's csv module have them, with numbers as Python's.</summary>
public static class Csv
{
    /// <summary>One row, with its line break; a cell with a comma, a quote or a line break is quoted.</summary>
    /// <param name="cells">Text, numbers, or null for an empty cell.</param>
    public static string Row(IEnumerable<object?> cells) => $"{string.Join(',', cells.Select(Cell))}\n";

    /// <summary>A number as bytes of UTF-8, as <see cref="Row"/> writes it.</summary>
    public static void Number(IBufferWriter<byte> to, float value)
    {
        const int most = 32;
        if (!float.IsFinite(value))
            to.Write(float.IsNaN(value) ? "nan"u8 : value > 0 ? "inf"u8 : "-inf"u8);
        else if (value.TryFormat(to.GetSpan(most), out var length, provider: CultureInfo.InvariantCulture))
            to.Advance(length);
    }

    /// <summary>A text as a cell: with a comma, a quote or a line break it is quoted.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;

    /// <summary>The rows of a table; a quoted cell may hold commas, quotes and line breaks.</summary>
    /// <param name="text">The table; empty lines are none of its rows.</param>
    /// <param name="source">What messages call it.</param>
    /// <returns>The line that each row begins at, from 1, and its cells.</returns>
    /// <exception cref="UserException">A quote has no end.</exception>
    public static IEnumerable<(int Line, string[] Cells)> Rows(string text, string source)
    {
        var (cells, line) = (new List<string>(), 1);
        for (var at = text.StartsWith('\uFEFF') ? 1 : 0; at < text.Length;)
        {
            var begin = line;
            cells.Clear();
            do
                cells.Add(Cell(text, ref at, ref line, source));
            while (at < text.Length && text[at++] == ',');
            line++;
            if (at < text.Length && text[at - 1] == '\r' && text[at] == '\n')
                at++;
            if (cells is not [""])
                yield return (begin, [.. cells]);
        }
    }

    /// <summary>Reads a cell up to what ends it.</summary>
    static string Cell(string text, ref int at, ref int line, string source)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var end = text.AsSpan(at).IndexOfAny(',', '\r', '\n');
            var plain = end < 0 ? text[at..] : text.Substring(at, end);
            at += plain.Length;
            return plain;
        }
        var (cell, start) = (new System.Text.StringBuilder(), line);
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"' && (++at == text.Length || text[at] != '"'))
                return at == text.Length || text[at] is ',' or '\r' or '\n' ? cell.ToString()
                    : throw new UserException($"{source}, line {line}: something stands behind the end of a quote.");
            line += text[at] == '\n' ? 1 : 0;
            cell.Append(text[at]);
        }
        throw new UserException($"{source}, line {start}: a quote has no end.");
    }

    static string Cell(object? value) => value switch
    {
        float number => Number(number, number.ToString("R", CultureInfo.InvariantCulture)),
        double number => Number(number, number.ToString("R", CultureInfo.InvariantCulture)),
        _ => Quoted(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    static string Number(double value, string text) => value switch
    {
        double.NaN => "nan",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        _ => text,
    };
}
