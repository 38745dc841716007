using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Edge;

/// <summary>What the words of a command line ask for; each is described in <see cref="Flags"/>.</summary>
sealed class Settings
{
    /// <summary>The file of the network.</summary>
    public string Model = "";

    /// <summary>Images, folders, or "-" for standard input.</summary>
    public readonly List<string> Inputs = [];

    public int TopK = 1;
    public double Threshold;
    public string Format = AnswerFormat.Table[0].Name;
    public string? Labels;

    /// <summary>How frames on standard input lie; null for files.</summary>
    public (int Width, int Height, PixelFormat Format)? Raw;
    public ColourRange Range;
    public int Every = 1;

    public string? Watch;
    public string? Journal;

    public (int Left, int Top, int Width, int Height)? Crop;

    /// <summary>Of networks that do not say it.</summary>
    public double[] Mean = [];
    public double[] Std = [];
    public Interpolation? Interpolation;
    public double? CropPct;
    public CropMode? CropMode;
    public int? ImgSize;
    public ScoreKind? Scores;

    public int Threads;
    public bool Spin;
    public int? MaxMemory;
    public string? Runtime;
    public Device Device;
    public readonly List<string> Ort = [];
    public bool Placement;

    public int Repeat = 1;
    public bool Timing;
    public bool Help;
    public bool Version;
}
