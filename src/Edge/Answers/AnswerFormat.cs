using System.Buffers;
using System.Globalization;
using System.Text;

namespace OnnxTimm.Edge;

/// <summary>A row of the table of forms that answers are written in.</summary>
/// <param name="Name">What the user calls it.</param>
/// <param name="Open">Makes its writer, of the names of the classes.</param>
sealed record AnswerFormat(string Name, Func<IReadOnlyList<string>, IAnswerWriter> Open)
{
    /// <summary>All forms, the default first.</summary>
    public static readonly AnswerFormat[] Table =
    [
        new("text",  labels => new TextAnswers(labels)),
        new("csv",   labels => new CsvAnswers(labels)),
        new("jsonl", labels => new JsonAnswers(labels)),
    ];

    /// <summary>Their names, for the help.</summary>
    public static string Names => string.Join(", ", Table.Select(row => row.Name));

    /// <summary>The form of that name.</summary>
    public static AnswerFormat Of(string name) => Table.First(row => row.Name == name);
}

/// <summary>Writes answers in one form; nothing is allocated for a frame.</summary>
interface IAnswerWriter : IDisposable
{
    void IDisposable.Dispose()
    {
    }

    /// <summary>What stands before all answers.</summary>
    /// <param name="to">Takes bytes.</param>
    /// <param name="first">An answer of the kind that follows.</param>
    /// <param name="isFrames">Whether they are of frames.</param>
    void Head(ArrayBufferWriter<byte> to, Answer first, bool isFrames);

    /// <summary>One answer.</summary>
    /// <param name="to">Takes bytes.</param>
    /// <param name="answer">The answer.</param>
    void Write(ArrayBufferWriter<byte> to, Answer answer);
}

/// <summary>Text and numbers as bytes of UTF-8.</summary>
static class Utf8
{
    /// <summary>A text.</summary>
    public static void Text(this ArrayBufferWriter<byte> to, string text) =>
        to.Advance(Encoding.UTF8.GetBytes(text, to.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    /// <summary>A number in a form of .NET's.</summary>
    public static void Number<T>(this ArrayBufferWriter<byte> to, T value, ReadOnlySpan<char> form = default)
        where T : IUtf8SpanFormattable
    {
        const int most = 64;
        if (value.TryFormat(to.GetSpan(most), out var length, form, CultureInfo.InvariantCulture))
            to.Advance(length);
    }

    /// <summary>A text for each class.</summary>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="form">How a name is written.</param>
    public static byte[][] Each(IReadOnlyList<string> labels, Func<string, string> form) =>
        [.. labels.Select(label => Encoding.UTF8.GetBytes(form(label)))];
}
