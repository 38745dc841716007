namespace OnnxTimm.Data;

/// <summary>Which data set to open, and how its images and labels are taken. Names follow timm's flags.</summary>
/// <param name="Root">A folder or a file.</param>
public sealed record DatasetRequest(string Root)
{
    /// <summary>
    /// The kind, and after a slash what it says more: "wds/", "torch/cifar10"; empty for folders, tars and images.
    /// </summary>
    public string Kind { get; init; } = "";

    /// <summary>What stands behind the slash of <see cref="Kind"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which part; empty for all there is.</summary>
    public string Split { get; init; } = "";

    /// <summary>File of class names and labels, here or at the data; null for none.</summary>
    public string? ClassMap { get; init; }

    /// <summary>Without a class map, the classes that names are looked up in; null for the data's own.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Where an image is: endings of files, a column. Null for what the kind usually has.</summary>
    public string? InputKey { get; init; }

    /// <summary>Where the labels are: fields, with commas between several. Null for what is usual.</summary>
    public string? TargetKey { get; init; }

    /// <summary>Whether a list of numbers has a value for each class, from 0 to 1, instead of labels.</summary>
    public bool IsMultihot { get; init; }

    /// <summary>Whether an image may have several labels, or none.</summary>
    public bool IsMultiLabel { get; init; }

    /// <summary>Only so many images, the first ones; null for all.</summary>
    public int? Samples { get; init; }

    /// <summary>Whether colours become gray before anything else.</summary>
    public bool IsGray { get; init; }

    /// <summary>Reads a class map: a file, and where a relative path may begin.</summary>
    public Func<string, string, ClassMap> ReadClassMap { get; init; } = Data.ClassMap.Load;

    /// <summary>The class map that is asked for, or that of the classes; null for none.</summary>
    /// <param name="root">Where a relative path may begin.</param>
    /// <exception cref="UserException">It cannot be read.</exception>
    public ClassMap? Map(string root) => !string.IsNullOrEmpty(ClassMap) ? ReadClassMap(ClassMap, root)
        : Classes is [_, ..] ? Data.ClassMap.Of(Classes, "the list of classes") : null;

    /// <summary>What timm's <c>input_img_mode</c> asks for.</summary>
    /// <param name="mode">RGB, or L for gray; empty for RGB.</param>
    /// <exception cref="UserException">It is another one.</exception>
    public static bool ParseMode(string? mode) => mode switch
    {
        null or "" or "RGB" => false,
        "L" => true,
        _ => throw Nearest.Unknown("mode of images", mode, "RGB", "L"),
    };

    /// <summary>What <c>target_format</c> asks for.</summary>
    /// <param name="format">indices or multihot; empty for indices.</param>
    /// <exception cref="UserException">It is another one.</exception>
    public static bool ParseFormat(string? format) => format switch
    {
        null or "" or "indices" => false,
        "multihot" => true,
        _ => throw Nearest.Unknown("format of targets", format, "indices", "multihot"),
    };
}
