namespace OnnxTimm.Data;

/// <summary>How the part of an image that a model sees is chosen.</summary>
public enum CropMode
{
    /// <summary>Shorter edge to the model's size / crop_pct, then the middle.</summary>
    Center,

    /// <summary>Both edges to the model's size / crop_pct, then the middle; the aspect ratio is not kept.</summary>
    Squash,

    /// <summary>Longer edge to the model's size / crop_pct, the rest filled with the mean colour.</summary>
    Border,
}

/// <summary>What a model expects of an image: the fields of timm's data config.</summary>
public sealed record DataConfig
{
    /// <summary>More than the side of any image, or the number of its channels.</summary>
    public const int LargestSide = 1 << 14;

    /// <summary>Beyond these an image would be resized to nothing, or to more than fits anywhere.</summary>
    public const double LeastCropPct = 0.01, LargestCropPct = 100;

    /// <summary>Of R, G and B in 0..1; timm's IMAGENET_DEFAULT_MEAN.</summary>
    public static IReadOnlyList<double> ImageNetMean { get; } = [0.485, 0.456, 0.406];

    /// <summary>Of R, G and B in 0..1; timm's IMAGENET_DEFAULT_STD.</summary>
    public static IReadOnlyList<double> ImageNetStd { get; } = [0.229, 0.224, 0.225];

    /// <summary>3 for RGB, 1 for gray.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Pixels of the model's input.</summary>
    public int Height { get; init; } = 224;

    /// <summary>Pixels of the model's input.</summary>
    public int Width { get; init; } = 224;

    /// <summary>The filter by which images are resized.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bicubic;

    /// <summary>Model size / size after resizing.</summary>
    public double CropPct { get; init; } = 0.875;

    /// <summary>How an image of another aspect ratio is brought to the model's.</summary>
    public CropMode CropMode { get; init; } = CropMode.Center;

    /// <summary>Mean of each channel of images in 0..1.</summary>
    public IReadOnlyList<double> Mean { get; init; } = ImageNetMean;

    /// <summary>Standard deviation of each channel of images in 0..1.</summary>
    public IReadOnlyList<double> Std { get; init; } = ImageNetStd;

    /// <summary>Pixels cut off at every edge before anything else.</summary>
    public int CropBorderPixels { get; init; }

    /// <summary>How an image is cut into patches, where the model takes these: height and width are free.</summary>
    public PatchConfig? Patches { get; init; }

    /// <summary>What a model takes of an image, for people: "224x224", or its patches.</summary>
    public string Size => Patches is null ? $"{Height}x{Width}" : $"at most {Patches}";

    /// <summary>Whether pictures are turned as their cameras meant (EXIF); timm does not.</summary>
    public bool Exif { get; init; }

    /// <summary>The crop mode called <paramref name="name"/>; none means center.</summary>
    public static CropMode ParseCropMode(string? name) => name switch
    {
        null or "" or "center" => CropMode.Center,
        "squash" => CropMode.Squash,
        "border" => CropMode.Border,
        _ => throw Nearest.Unknown("crop mode", name, "center", "squash", "border"),
    };

    /// <summary>Values of a flag for each channel: one for all, or one each; null for none.</summary>
    /// <exception cref="UserException">It has another number of values.</exception>
    public static double[]? PerChannel(string flag, IEnumerable<double> values, int channels) => values.ToArray() switch
    {
        [] => null,
        [var one] => [.. Enumerable.Repeat(one, channels)],
        var list when list.Length == channels => list,
        var list => throw new UserException($"--{flag} has {list.Length} values for {channels} channels."),
    };

    /// <summary>What timm's scripts print of it, line by line.</summary>
    public IEnumerable<string> Describe() =>
    [
        "Data processing configuration for current model + dataset:",
        Patches is null ? $"\tinput_size: ({Channels}, {Height}, {Width})" : $"\tpatches: {Size}",
        $"\tinterpolation: {Interpolation.ToString().ToLowerInvariant()}",
        $"\tmean: ({string.Join(", ", Mean)})",
        $"\tstd: ({string.Join(", ", Std)})",
        $"\tcrop_pct: {CropPct}",
        $"\tcrop_mode: {CropMode.ToString().ToLowerInvariant()}",
    ];

    /// <summary>The same config, or an exception that names what cannot be.</summary>
    internal DataConfig Check() => this switch
    {
        { Channels: not (1 or 3) } => throw new UserException(
            $"Images have 3 channels, or 1 as gray; the model expects {Channels}."),
        { Height: not (> 0 and <= LargestSide) } or { Width: not (> 0 and <= LargestSide) } =>
            throw new UserException($"No image has the size {Height}x{Width}."),
        { CropPct: not (>= LeastCropPct and <= LargestCropPct) } => throw new UserException(
            $"crop_pct must be from {LeastCropPct} to {LargestCropPct}, not {CropPct}."),
        { Patches.Side: not (> 0 and <= PatchConfig.LargestSide) } => throw new UserException(
            $"Patches have sides of 1 to {PatchConfig.LargestSide} pixels, not {Patches.Side}."),
        { Patches.MaxSeqLen: not (> 0 and <= PatchConfig.MostPatches) } => throw new UserException(
            $"An image has 1 to {PatchConfig.MostPatches} patches, not {Patches.MaxSeqLen}."),
        { Patches.Pixels: > (long)LargestSide * LargestSide } => throw new UserException(
            $"No image has {Patches}."),
        { CropBorderPixels: < 0 } => throw new UserException("The border to crop cannot be negative."),
        { Mean.Count: 0 } or { Std.Count: 0 } => throw new UserException("Mean and std need a number a channel."),
        _ => this,
    };
}
