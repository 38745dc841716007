namespace OnnxTimm.Tests;

/// <summary>Where tests find files.</summary>
static class Paths
{
    /// <summary>The repository's root: the nearest folder above the test assembly that holds global.json.</summary>
    public static string Root { get; } = Above(AppContext.BaseDirectory, "global.json");

    /// <summary>A file or folder below tests/golden, which every clone has.</summary>
    public static string Golden(params string[] parts) => Path.Combine([Root, "tests", "golden", .. parts]);

    /// <summary>
    /// A file or folder of the larger reference set beside the clone; the test is skipped where there is none.
    /// </summary>
    public static string Shared(params string[] parts)
    {
        var path = Beside(parts);
        if (!Path.Exists(path))
            Assert.Inconclusive($"Skipped: {path} is not here.");
        return path;
    }

    /// <summary>Whether the larger reference set has a file or folder.</summary>
    public static bool HasShared(params string[] parts) => Path.Exists(Beside(parts));

    static string Beside(string[] parts) => Path.Combine(
        [Environment.GetEnvironmentVariable("ONNXTIMM_SHARED") ?? Path.Combine(Root, "..", "shared"), .. parts]);

    static string Above(string folder, string file) => File.Exists(Path.Combine(folder, file))
        ? folder
        : Above(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!, file);
}
