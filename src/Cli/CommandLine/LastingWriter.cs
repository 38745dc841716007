using System.Globalization;
using System.Text;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>
/// Passes messages on for as long as somebody takes them: a terminal that has closed must not end the work whose
/// progress it showed.
/// </summary>
/// <param name="open">Opens where they go, at the first: most commands of a tenth of a second have none.</param>
sealed class LastingWriter(Func<TextWriter> open) : TextWriter(CultureInfo.InvariantCulture)
{
    readonly Lazy<TextWriter> inner = new(open);

    public override Encoding Encoding => inner.Value.Encoding;

    public override void Write(char value) => Try(() => inner.Value.Write(value));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Value.Write(value));

    /// <summary>One call, so that lines of several threads do not mix.</summary>
    public override void WriteLine(string? value) => Try(() => inner.Value.WriteLine(value));

    public override void WriteLine() => Try(() => inner.Value.WriteLine());

    public override void Flush()
    {
        if (inner.IsValueCreated)
            Try(inner.Value.Flush);
    }

    static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A stream that is not open for writing is, by .NET, access that is denied.
        }
    }
}
