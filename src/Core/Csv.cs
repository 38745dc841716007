using System.Globalization;

namespace OnnxTimm;

/// <summary>Comma-separated values as RFC 4180 and Python's csv module have them, with numbers as Python's.</summary>
public static class Csv
{
    /// <summary>One row, with its line break; a cell with a comma, a quote or a line break is quoted.</summary>
    /// <param name="cells">Text, numbers, or null for an empty cell.</param>
    public static string Row(IEnumerable<object?> cells) => $"{string.Join(',', cells.Select(Cell))}\n";

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

    static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
