namespace OnnxTimm;

/// <summary>
/// A fault in what the user gave: one message that says what, where, what was expected and what came.
/// The program prints it without a stack trace and exits with code 1.
/// </summary>
public sealed class UserException(string message, Exception? inner = null) : Exception(OneLine(message), inner)
{
    static readonly System.Buffers.SearchValues<char> Breaks =
        System.Buffers.SearchValues.Create("\n\r\u0085\u2028\u2029\f");

    /// <summary>What a file says may hold line breaks, which a message has none of.</summary>
    static string OneLine(string message) =>
        message.AsSpan().ContainsAny(Breaks) ? message.ReplaceLineEndings(" ") : message;
}
