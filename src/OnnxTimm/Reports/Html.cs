using System.Globalization;
using System.Net;
using System.Text;

namespace OnnxTimm;

/// <summary>
/// Pieces of a page. What comes from elsewhere (names of classes and files, options) goes through here.
/// </summary>
static class Html
{
    const int MostCharacters = 200;

    /// <summary>A text of one line, with its direction for itself; one that is very long is cut.</summary>
    public static string Text(string text) => $"<bdi>{Encoded(Cut(text, MostCharacters))}</bdi>";

    /// <summary>A text as it is, characters that control something replaced.</summary>
    public static string Encoded(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
            plain.Append(char.IsControl(c) && c != '\n' ? '\uFFFD' : c);
        return WebUtility.HtmlEncode(plain.ToString());
    }

    /// <summary>The beginning of a text that is too long.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..most]} ...";

    /// <summary>A number as people read it, with a dot whatever the machine's language is.</summary>
    public static string Number(double x, string format = "0.##") => x.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A section with its heading; nothing where it has no content.</summary>
    public static string Section(string heading, string content) =>
        content.Length == 0 ? "" : $"<section>\n<h2>{heading}</h2>\n{content}\n</section>\n";

    /// <summary>Pairs as a list of names and values.</summary>
    public static string Pairs(string style, IEnumerable<(string Name, string Value)> pairs)
    {
        var rows = string.Concat(pairs.Select(p => $"<div><dt>{Text(p.Name)}</dt><dd>{Text(p.Value)}</dd></div>\n"));
        return rows.Length == 0 ? "" : $"<dl class=\"{style}\">\n{rows}</dl>";
    }
}
