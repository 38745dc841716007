namespace OnnxTimm.Data;

/// <summary>
/// Where a model's input comes from: the source is resized to Width x Height, and <see cref="Crop"/> is taken out of
/// that, beyond its edges where it is larger. The rules are timm's (transforms_factory.py) and torchvision's.
/// </summary>
readonly record struct Placement(int Width, int Height, Window Crop, Interpolation Filter)
{
    /// <summary>Where the resized image begins in the crop.</summary>
    public int InsetX => Math.Max(0, -Crop.Left);

    public int InsetY => Math.Max(0, -Crop.Top);

    /// <summary>Pixels of the crop.</summary>
    public int Plane => Crop.Width * Crop.Height;

    /// <summary>The part of the resized image that is in the crop.</summary>
    public Window Visible => new(
        Math.Max(0, Crop.Left), Math.Max(0, Crop.Top), Math.Min(Width, Crop.Width), Math.Min(Height, Crop.Height));

    /// <summary>Whether parts of the crop show no image.</summary>
    public bool HasGaps => Crop.Width > Width || Crop.Height > Height;

    /// <summary>Where visible row <paramref name="y"/> begins in a plane of the crop.</summary>
    public int Offset(int y) => (InsetY + y) * Crop.Width + InsetX;

    /// <summary>The placement of an image of that size in evaluation.</summary>
    public static Placement Of(DataConfig config, int width, int height)
    {
        var (goalWidth, goalHeight) = (Scaled(config.Width, config), Scaled(config.Height, config));
        var (w, h) = config.CropMode switch
        {
            CropMode.Squash => (goalWidth, goalHeight),
            CropMode.Border => Divided(
                width, height, Math.Max((double)height / goalHeight, (double)width / goalWidth)),
            _ when goalWidth == goalHeight => ShortEdge(width, height, goalWidth),
            _ => Divided(width, height, Math.Min((double)height / goalHeight, (double)width / goalWidth)),
        };
        return Centered(w, h, config.Width, config.Height, config.Interpolation);
    }

    /// <summary>
    /// A crop of the middle, padded where it is larger: the cut is half of the difference, rounded to even; the padding
    /// is half, rounded down on the left and on top.
    /// </summary>
    public static Placement Centered(int width, int height, int cropWidth, int cropHeight, Interpolation filter) =>
        new(width, height, new(Cut(width, cropWidth), Cut(height, cropHeight), cropWidth, cropHeight), filter);

    /// <summary>The size with the shorter edge given; the longer one is cut off to an integer.</summary>
    public static (int Width, int Height) ShortEdge(int width, int height, int edge)
    {
        var longer = (int)Math.Min(
            int.MaxValue, (double)Math.BigMul(edge, Math.Max(width, height)) / Math.Min(width, height));
        return width <= height ? (edge, longer) : (longer, edge);
    }

    static int Scaled(int size, DataConfig config) => (int)Math.Floor(size / config.CropPct);

    /// <summary>Both edges divided by a ratio; halves round to even, as in Python.</summary>
    static (int Width, int Height) Divided(int width, int height, double ratio) =>
        ((int)Math.Round(width / ratio), (int)Math.Round(height / ratio));

    static int Cut(int size, int crop) => crop > size ? -((crop - size) / 2) : (int)Math.Round((size - crop) / 2.0);
}
