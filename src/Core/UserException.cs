namespace OnnxTimm;

/// <summary>
/// A fault in what the user gave: one message that says what, where, what was expected and what came.
/// The program prints it without a stack trace and exits with code 1.
/// </summary>
public sealed class UserException(string message, Exception? inner = null) : Exception(message, inner);
