using System.Globalization;

namespace OnnxTimm.Models;

/// <summary>What the index says of a name, and of a tag of its weights; no network is built to know it.</summary>
/// <param name="Name">The architecture, with the tag where the row is about weights.</param>
/// <param name="Module">timm's module.</param>
/// <param name="Params">Learned values.</param>
/// <param name="GMacs">Multiply-accumulates of an image of the default size, in thousands of millions.</param>
/// <param name="MActs">Outputs of convolutions and linear layers of one, in millions.</param>
/// <param name="ImgSize">Height of the default image in pixels.</param>
/// <param name="Features">Width of what the classifier reads.</param>
public sealed record ZooRow(
    string Name, string Module, long Params, double GMacs, double MActs, int ImgSize, int Features)
{
    /// <summary>Licence of the weights, as the hub has it; null without a tag.</summary>
    public string? License { get; init; }

    /// <summary>Classes that the weights tell apart, 0 for weights that give features alone; null without a tag.
    /// </summary>
    public int? NumClasses { get; init; }

    /// <summary>Best published accuracy on ImageNet-1k in per cent (timm/results, results-imagenet.csv).</summary>
    public double? Top1 { get; init; }

    /// <summary>The class is among the first five, in per cent, in the same run.</summary>
    public double? Top5 { get; init; }

    /// <summary>Height of the image of that run in pixels.</summary>
    public int? ResultSize { get; init; }

    /// <summary>All names with those of their tags that have weights, in natural order.</summary>
    internal static readonly Lazy<IReadOnlyList<(ZooRow Row, ZooRow[] Tags)>> All = new(() =>
    {
        var tags = Resources.Lines("tags.csv").Skip(1).Select(line => line.Split(','))
            .ToLookup(fields => fields[0].Split('.')[0]);
        return [.. Resources.Lines("index.csv").Skip(1).Select(line => Of(line.Split(',')))
            .Select(row => (row, tags[row.Name].Select(row.Tagged).ToArray()))];
    });

    static ZooRow Of(string[] f) => new(f[0], f[1], long.Parse(f[2], Plain), double.Parse(f[3], Plain),
        double.Parse(f[4], Plain), int.Parse(f[5], Plain), int.Parse(f[6], Plain));

    ZooRow Tagged(string[] f) => this with
    {
        Name = f[0],
        Params = long.Parse(f[1], Plain),
        GMacs = double.Parse(f[2], Plain),
        MActs = double.Parse(f[3], Plain),
        ImgSize = int.Parse(f[4], Plain),
        License = f[5],
        NumClasses = int.Parse(f[6], Plain),
        Top1 = f[7].Length > 0 ? double.Parse(f[7], Plain) : null,
        Top5 = f[8].Length > 0 ? double.Parse(f[8], Plain) : null,
        ResultSize = f[9].Length > 0 ? int.Parse(f[9], Plain) : null,
    };

    static CultureInfo Plain => CultureInfo.InvariantCulture;
}
