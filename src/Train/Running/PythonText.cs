using System.Globalization;

namespace OnnxTimm.Train;

/// <summary>Numbers as Python prints them, so that files and lines can be read by what reads timm's.</summary>
static class PythonText
{
    /// <summary>repr(x): the shortest text that gives the number again.</summary>
    public static string Repr(double x)
    {
        if (!double.IsFinite(x))
            return NonFinite(x);
        var text = x.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return text.All(c => char.IsAsciiDigit(c) || c == '-') ? $"{text}.0" : text;
    }

    /// <summary>A number of a message, whole or not.</summary>
    public static string Short(object number) => number is double x ? Repr(x) : $"{number}";

    /// <summary>The same for JSON, which has no infinity.</summary>
    public static string Json(double x) => double.IsFinite(x) ? Repr(x) : "null";

    /// <summary>format(x, '#.3g'): three significant digits.</summary>
    public static string Significant(double x)
    {
        if (!double.IsFinite(x))
            return NonFinite(x);
        var scientific = x.ToString("0.00e+00", CultureInfo.InvariantCulture);
        var exponent = x == 0 ? 0
            : int.Parse(scientific[(scientific.IndexOf('e') + 1)..], CultureInfo.InvariantCulture);
        return exponent is < -4 or > 2 ? scientific
            : exponent == 2 ? $"{x.ToString("F0", CultureInfo.InvariantCulture)}."
            : x.ToString($"F{2 - exponent}", CultureInfo.InvariantCulture);
    }

    static string NonFinite(double x) => double.IsNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}
