using System.Globalization;
using System.Text;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>
/// Passes messages on for as long as somebody takes them: a terminal that has closed must not end the work whose
/// progress it showed.
/// </summary>
/// <param name="inner">Where they go.</param>
sealed class LastingWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <summary>One call, so that lines of several threads do not mix.</summary>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void WriteLine() => Try(inner.WriteLine);

    public override void Flush() => Try(inner.Flush);

    static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
        }
    }
}
