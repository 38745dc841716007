using System.Text;
using System.Text.RegularExpressions;
using OnnxTimm.Models;

namespace OnnxTimm.ZooTools;

/// <summary>docs/models.md: what the summary of each family's class says, and how many names it has.</summary>
public static partial class ModelsPage
{
    const string Head = """
        # Models

        `onnxtimm list` prints every name, `onnxtimm list --pretrained` every name with the tag of its pretrained
        weights, and `onnxtimm info NAME` what is known of one. Names are timm's, with and without tags; deprecated
        names of timm lead to their successors. A name without a tag stands for the first tag that has weights.

        The table is made of the families' own files by `build.sh docs`. The column "with weights" counts tags.

        | module | names | with weights | what | file |
        |---|---|---|---|---|

        """;

    const string Tail = """

        `cifar_resnet` is not timm's: its trained weights come from
        [pytorch_resnet_cifar10](https://github.com/akamaster/pytorch_resnet_cifar10) and load as they are, with
        `--checkpoint`.

        """;

    /// <param name="root">The repository.</param>
    public static string Of(string root)
    {
        var text = new StringBuilder(Head);
        foreach (var family in Zoo.Families.OrderBy(f => f.Module, StringComparer.Ordinal))
        {
            var tags = Pretrained.Of(family.Module).Values.Count(r => r.HasWeights);
            var (file, summary) = Source(root, family.Module);
            text.Append($"| `{family.Module}` | {family.Names.Count()} | {(tags == 0 ? "none" : tags)} | {summary} "
                + $"| [{file}](../{file}) |\n");
        }
        return text.Append(Tail).ToString();
    }

    /// <summary>A family's file and the summary of its class, with links to the papers.</summary>
    static (string File, string Summary) Source(string root, string module)
    {
        var file = Directory.GetFiles(Path.Combine(root, "models"), "*.cs")
            .Single(path => File.ReadAllText(path).Contains($"= new(\"{module}\","));
        // A table that fills a file of its own is a part of the class beside it.
        file = file.Replace(".Variants.cs", ".cs");
        var summary = Summary().Match(File.ReadAllText(file)).Groups[1].Value;
        summary = string.Join(' ', summary.Split('\n').Select(line => line.Trim().TrimStart('/').Trim())).Trim();
        summary = Module().Replace(summary, "");
        return ($"models/{Path.GetFileName(file)}",
            Paper().Replace(summary, "[$1](https://arxiv.org/abs/$1)"));
    }

    [GeneratedRegex(@"/// <summary>(.*?)</summary>\s*public static (?:partial )?class", RegexOptions.Singleline)]
    private static partial Regex Summary();

    [GeneratedRegex(@"\s*timm/models/\w+\.py(, timm/[\w/]+\.py)*\.$")]
    private static partial Regex Module();

    [GeneratedRegex(@"(?:arXiv:)?(\d{4}\.\d{4,5})")]
    private static partial Regex Paper();
}
