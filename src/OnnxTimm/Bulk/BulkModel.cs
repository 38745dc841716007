using System.Globalization;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>A network of a bulk run, with the image that it is run at.</summary>
/// <param name="Name">timm's name, with a tag or without.</param>
/// <param name="ImgSize">Height and width; null for the network's own.</param>
/// <param name="CropPct">Share of the resized image; null for the network's own.</param>
public sealed record BulkModel(string Name, int? ImgSize = null, double? CropPct = null)
{
    const int ImageNetClasses = 1000;

    /// <summary>What it adds to a command.</summary>
    public IEnumerable<string> Words =>
    [
        "--model", Name,
        .. ImgSize is { } size ? (string[])["--img-size", size.ToString(CultureInfo.InvariantCulture)] : [],
        .. CropPct is { } crop ? (string[])["--crop-pct", crop.ToString(CultureInfo.InvariantCulture)] : [],
    ];

    /// <summary>
    /// The networks that a list means (bulk_runner.py of timm): <c>all</c>; <c>all_in1k</c>, those with weights of 1000
    /// classes, at each size that their records name; <c>all_res</c>, all names at each size; a name; names that a
    /// wildcard selects; or a file with a name a line, also at each size.
    /// </summary>
    /// <param name="list">The list.</param>
    /// <param name="pretrained">Whether only names with weights are meant.</param>
    /// <exception cref="UserException">There is no such network.</exception>
    public static IReadOnlyList<BulkModel> Of(string list, bool pretrained)
    {
        if (list == "all")
            return Plain(Zoo.List(pretrained: pretrained));
        if (list == "all_in1k")
            return Sized(Zoo.List(pretrained: true).Select(Zoo.Resolve).Where(r => r.NumClasses == ImageNetClasses));
        if (list == "all_res")
            return [.. Sized(Zoo.Modules.SelectMany(module => Models.Pretrained.Of(module).Values))
                .Select(m => m with { Name = m.Name.Split('.')[0], CropPct = null }).Distinct()];
        if (Plain(Zoo.List(list, pretrained: pretrained)) is { Count: > 0 } chosen)
            return chosen;
        if (!File.Exists(list))
            return [new(Zoo.Resolve(list).Name)];
        var records = RegularFile.ReadLines(list).Select((line, i) => (Name: line.Trim(), Line: i + 1))
            .Where(line => line.Name.Length > 0)
            .Select(line => (line.Name, Record: Resolve(line.Name, $"\"{list}\", line {line.Line}"))).ToArray();
        return records.Length > 0 ? [.. records.SelectMany(r => Sized([r.Record], r.Name))]
            : throw new UserException($"\"{list}\" names no network.");
    }

    static Pretrained Resolve(string name, string place)
    {
        try
        {
            return Zoo.Resolve(name);
        }
        catch (UserException e)
        {
            throw new UserException($"{place}: {e.Message}", e);
        }
    }

    static List<BulkModel> Plain(IEnumerable<string> names) => [.. names.Select(name => new BulkModel(name))];

    /// <summary>At the size of training and, where it differs, that of tests.</summary>
    static BulkModel[] Sized(IEnumerable<Pretrained> records, string? name = null) =>
    [
        .. records.SelectMany(r => new[]
        {
            new BulkModel(name ?? r.Name, r.InputSize[^1], r.CropPct),
            new(name ?? r.Name, (r.TestInputSize ?? r.InputSize)[^1],
                r.TestInputSize is null ? r.CropPct : r.TestCropPct ?? r.CropPct),
        }.Distinct()),
    ];
}
