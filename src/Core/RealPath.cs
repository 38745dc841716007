namespace OnnxTimm;

/// <summary>Where a path leads when all links on the way are followed.</summary>
public static class RealPath
{
    /// <summary>More links than any path has that leads somewhere.</summary>
    const int MaxLinks = 64;

    /// <summary>The path without links; what is not there stays as it is.</summary>
    /// <exception cref="UserException">The links lead in circles.</exception>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        for (var followed = 0; followed < MaxLinks; followed++)
            if (FirstLink(full) is var (folder, target, behind))
                full = Path.GetFullPath(Path.Combine(folder, target, behind));
            else
                return full;
        throw new UserException($"The links of \"{path}\" lead in circles.");
    }

    /// <summary>True where a path lies below a folder, both without links.</summary>
    public static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);

    /// <summary>The first link on the way, what it points to, and what follows it.</summary>
    static (string Folder, string Target, string Behind)? FirstLink(string full)
    {
        var root = Path.GetPathRoot(full)!;
        var at = root;
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        foreach (var (i, part) in parts.Index())
        {
            var next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is { } target)
                return (at, target, Path.Combine(["", .. parts[(i + 1)..]]));
            at = next;
        }
        return null;
    }
}
