using System.Text.RegularExpressions;

namespace OnnxTimm.ZooTools;

/// <summary>A family's file and what the summary of its class says, with links to the papers.</summary>
/// <param name="File">Its path below the repository.</param>
/// <param name="Summary">The summary.</param>
sealed partial record FamilySource(string File, string Summary)
{
    /// <param name="root">The repository.</param>
    /// <param name="module">timm's module.</param>
    public static FamilySource Of(string root, string module)
    {
        var file = Directory.GetFiles(Path.Combine(root, "models"), "*.cs")
            .Single(path => System.IO.File.ReadAllText(path).Contains($"= new(\"{module}\","));
        // A table that fills a file of its own is a part of the class beside it.
        file = file.Replace(".Variants.cs", ".cs");
        var summary = Class().Match(System.IO.File.ReadAllText(file)).Groups[1].Value;
        summary = string.Join(' ', summary.Split('\n').Select(line => line.Trim().TrimStart('/').Trim())).Trim();
        summary = Module().Replace(summary, "");
        return new($"models/{Path.GetFileName(file)}", Paper().Replace(summary, "[$1](https://arxiv.org/abs/$1)"));
    }

    [GeneratedRegex(@"/// <summary>(.*?)</summary>\s*public static (?:partial )?class", RegexOptions.Singleline)]
    private static partial Regex Class();

    [GeneratedRegex(@"\s*timm/models/\w+\.py(, timm/[\w/]+\.py)*\.$")]
    private static partial Regex Module();

    [GeneratedRegex(@"(?:arXiv:)?(\d{4}\.\d{4,5})")]
    private static partial Regex Paper();
}
