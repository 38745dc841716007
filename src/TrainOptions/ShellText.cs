namespace OnnxTimm.Train;

/// <summary>Command lines as text that a shell takes as it is.</summary>
public static class ShellText
{
    /// <summary>The program's command with its words.</summary>
    public static string Command(params IEnumerable<string> words) =>
        string.Join(' ', words.Select(Quote).Prepend("onnxtimm"));

    /// <summary>A path as one types it here: from the current folder where it lies below it.</summary>
    public static string Here(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path) : relative;
    }

    /// <summary>A word in quotes, where it needs them.</summary>
    static string Quote(string word) => word.Length > 0 && word.All(IsPlain) ? word
        : OperatingSystem.IsWindows() ? $"\"{word.Replace("\"", "\\\"")}\""
        : $"'{word.Replace("'", @"'\''")}'";

    static bool IsPlain(char c) => char.IsLetterOrDigit(c) || "-_./,:=+@%".Contains(c)
        || (c == '\\' && OperatingSystem.IsWindows());
}
