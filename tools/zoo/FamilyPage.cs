using System.Globalization;
using System.Text;
using OnnxTimm.Models;

namespace OnnxTimm.ZooTools;

/// <summary>docs/models/: a page a family, of the class's summary, the index and the records.</summary>
public static class FamilyPage
{
    /// <summary>The name that stands for a family: the one with the most weights, of those the smallest.</summary>
    public static string Example(string module) => Zoo.Find(new() { Module = module, Order = ZooOrder.Params })
        .MaxBy(row => Tags(row.Name).Count)!.Name;

    /// <summary>The page.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="module">timm's module.</param>
    public static string Of(string root, string module)
    {
        var (source, example) = (FamilySource.Of(root, module), Example(module));
        var names = Zoo.Find(new() { Module = module });
        var tags = Zoo.Find(new() { Module = module, Pretrained = true });
        var text = new StringBuilder($"# `{module}`\n\n{Wrapped(source.Summary)}\n\n"
            + $"Its file is [{source.File}](../../{source.File}),\none of [all families](../models.md).\n\n");
        if (File.Exists(Path.Combine(root, Picture(module))))
            text.Append($"![A block of each stage of {example}]({module}.svg)\n\n"
                + $"A block of each stage of `{example}`, drawn from its graph: the second block, which does not\n"
                + "subsample, or the only one. A number at the right is the width that an operator gives; of stages\n"
                + "that differ in widths alone, the first and the last.\n\n");
        text.Append($"```sh\nonnxtimm info {example}\n{Uses(example)}```\n\n## Variants\n\n"
            + "CPU and GPU: images a second as timm published them, one at a time in float32 on a Core i7-12700H,\n"
            + $"and in large batches in half precision on an RTX 5090.\n\n{Variants(names)}");
        if (tags.Count > 0)
            text.Append("\n## Weights\n\nAccuracies are timm's for ImageNet-1k, at the size of image of that run.\n\n"
                + Weights(tags));
        return text.ToString();
    }

    /// <summary>Where the picture of a family lies in the repository.</summary>
    public static string Picture(string module) => $"docs/models/{module}.svg";

    static IReadOnlyList<ZooRow> Tags(string name) => Zoo.Find(new() { Patterns = [name], Pretrained = true });

    static string Uses(string name)
    {
        if (Tags(name) is not [var tag, ..])
            return $"onnxtimm train {name} --data-dir DATA_SET\n";
        var infer = tag.Classifies == true ? $"onnxtimm infer --model {name} --pretrained --data-dir PHOTOS\n" : "";
        return $"{infer}onnxtimm train {name} --pretrained --data-dir DATA_SET\n"
            + $"onnxtimm export {name} --pretrained --output {name}.onnx\n";
    }

    static string Variants(IReadOnlyList<ZooRow> rows)
    {
        var merges = rows.Any(row => row.Merged is not null);
        return Table(["name", "M parameters", "GMACs", "image", "features", .. merges ? ["merged"] : (string[])[],
            "CPU", "GPU", "weights", "best top-1"], rows.Select(row => (string[])
            [
                $"`{row.Name}`", Number(row.Params / 1e6, "0.00"), Number(row.GMacs, "0.00"), $"{row.ImgSize}",
                $"{row.Features}", .. merges ? [Merged(row.Merged)] : (string[])[],
                Number(row.CpuSpeed, "0.0"), Number(row.GpuSpeed, "0"),
                Tags(row.Name) is { Count: > 0 } tags ? $"{tags.Count}" : "",
                Number(Tags(row.Name).Max(tag => tag.Top1), "0.0"),
            ]));
    }

    static string Weights(IReadOnlyList<ZooRow> tags) => Table(
        ["tag", "image", "top-1", "top-5", "at", "for", "licence"], tags.Select(tag => (string[])
        [
            $"`{tag.Name}`", $"{tag.ImgSize}", Number(tag.Top1, "0.0"), Number(tag.Top5, "0.0"), $"{tag.ResultSize}",
            tag.Classifies == true ? LabelSet.Of(tag.NumClasses!.Value)!.Name
                : tag.NumClasses > 0 ? $"features, {tag.NumClasses} projected" : "features",
            tag.License!,
        ]));

    static string Merged(MergedForm? form) =>
        form is null ? "" : $"{Number(form.Params / 1e6, "0.00")} M, {Number(form.GMacs, "0.00")}";

    /// <summary>A table with its text at the left of the first column, and numbers at the right of others.</summary>
    static string Table(string[] heads, IEnumerable<string[]> rows) =>
        $"| {string.Join(" | ", heads)} |\n|---|{string.Concat(heads.Skip(1).Select(head =>
            head is "licence" or "for" ? "---|" : "--:|"))}\n"
        + string.Concat(rows.Select(cells => $"| {string.Join(" | ", cells)} |\n"));

    static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <summary>Lines of at most 120 columns.</summary>
    static string Wrapped(string text)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' '))
            if (lines.Count > 0 && lines[^1].Length + word.Length < 120)
                lines[^1] += $" {word}";
            else
                lines.Add(word);
        return string.Join('\n', lines);
    }
}
