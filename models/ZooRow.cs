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
    /// <summary>The same once branches are merged, as an export merges them; null where there are none.</summary>
    public MergedForm? Merged { get; init; }

    /// <summary>
    /// Images a second as timm published them for one image at a time in float32 on a laptop's processor, an Intel Core
    /// i7-12700H, compiled by PyTorch 2.4; null where it did not (timm/results,
    /// benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv).
    /// </summary>
    public double? CpuSpeed { get; init; }

    /// <summary>
    /// The same in float16 (amp) and large batches on an NVIDIA RTX 5090
    /// (timm/results, benchmark-infer-amp-nchw-pt291-cu130-5090.csv).
    /// </summary>
    public double? GpuSpeed { get; init; }

    /// <summary>Licence of the weights, as the hub has it; null without a tag.</summary>
    public string? License { get; init; }

    /// <summary>Width of the head of the weights, 0 where they have none; null without a tag.</summary>
    public int? NumClasses { get; init; }

    /// <summary>Whether the weights tell classes apart; null without a tag.</summary>
    public bool? Classifies => NumClasses is { } count ? LabelSet.Has(count) : null;

    /// <summary>Best published accuracy on ImageNet-1k in per cent (timm/results, results-imagenet.csv).</summary>
    public double? Top1 { get; init; }

    /// <summary>The class is among the first five, in per cent, in the same run.</summary>
    public double? Top5 { get; init; }

    /// <summary>Height of the image of that run in pixels.</summary>
    public int? ResultSize { get; init; }
}

/// <summary>A network whose parallel branches became one operator.</summary>
/// <param name="Params">Learned values that are left.</param>
/// <param name="GMacs">Multiply-accumulates of an image of the default size, in thousands of millions.</param>
public sealed record MergedForm(long Params, double GMacs);

/// <summary>The index of the zoo (models/weights/index.csv and tags.csv), each in the order of its names.</summary>
static class ZooIndex
{
    static readonly Lazy<ZooRow[]> OfNames = new(() => Rows("index.csv", fields => Row(fields)));

    static readonly Lazy<ZooRow[]> OfTags = new(() =>
    {
        var names = Names.ToDictionary(row => row.Name);
        return Rows("tags.csv", fields => Tagged(names[fields[0].Split('.')[0]], fields));
    });

    /// <summary>All names.</summary>
    public static IReadOnlyList<ZooRow> Names => OfNames.Value;

    /// <summary>All tags with weights.</summary>
    public static IReadOnlyList<ZooRow> Tags => OfTags.Value;

    static ZooRow[] Rows(string file, Func<string[], ZooRow> row) =>
        Array.ConvertAll(Resources.Lines(file)[1..], line => row(line.Split(',')));

    static ZooRow Row(string[] f) =>
        new(f[0], f[1], Whole(f[2]), Real(f[3]), Real(f[4]), (int)Whole(f[5]), (int)Whole(f[6]))
        {
            Merged = Merged(f[7], f[8]),
            CpuSpeed = Known(f[9]),
            GpuSpeed = Known(f[10]),
        };

    static ZooRow Tagged(ZooRow name, string[] f)
    {
        // Speeds are published for the size of the name's own image.
        var ofName = Whole(f[4]) == name.ImgSize;
        return new(f[0], name.Module, Whole(f[1]), Real(f[2]), Real(f[3]), (int)Whole(f[4]), name.Features)
        {
            License = f[5],
            NumClasses = (int)Whole(f[6]),
            Top1 = Known(f[7]),
            Top5 = Known(f[8]),
            ResultSize = (int?)Known(f[9]),
            Merged = Merged(f[10], f[11]),
            CpuSpeed = ofName ? name.CpuSpeed : null,
            GpuSpeed = ofName ? name.GpuSpeed : null,
        };
    }

    static MergedForm? Merged(string parameters, string gmacs) =>
        parameters.Length > 0 ? new(Whole(parameters), Real(gmacs)) : null;

    static double? Known(string text) => text.Length > 0 ? Real(text) : null;

    static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    static double Real(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
