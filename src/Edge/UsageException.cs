namespace OnnxTimm.Edge;

/// <summary>A command line that cannot be meant: the program ends with code 2.</summary>
sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
