using System.Text.RegularExpressions;

namespace OnnxTimm.Tests.Repository;

/// <summary>The files of the repository that people wrote, by paths with slashes below its root.</summary>
static partial class Sources
{
    static readonly string[] Texts = [".cs", ".csproj", ".json", ".md", ".props", ".ps1", ".py", ".sh", ".tsv",
        ".txt", ".yaml"];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Paths.Root, path));

    /// <summary>C# files below some folders.</summary>
    public static string[] Code(params string[] folders) => Below(folders, [".cs"]);

    /// <summary>All texts: code, scripts, settings, pages and the files that stand at the root.</summary>
    public static string[] AllTexts() =>
    [
        .. Below(["benchmarks", "docs", "models", "src", "tests", ".ci"], [.. Texts, ""]),
        .. Directory.EnumerateFiles(Paths.Root).Where(f => Texts.Contains(Path.GetExtension(f))).Select(Relative),
    ];

    /// <summary>README and the pages of docs.</summary>
    public static string[] Pages() =>
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", .. Below(["docs"], [".md"]),
    ];

    static string[] Below(string[] folders, string[] extensions) =>
    [
        .. folders.Select(folder => Path.Combine(Paths.Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Where(file => extensions.Contains(Path.GetExtension(file))).Select(Relative)
            .Where(path => !BuildOutput().IsMatch(path)).Order(StringComparer.Ordinal),
    ];

    static string Relative(string file) => Path.GetRelativePath(Paths.Root, file).Replace('\\', '/');

    [GeneratedRegex(@"(^|/)(bin|obj|TestResults)/")]
    private static partial Regex BuildOutput();
}
