using CommandLine;
using OnnxTimm.Data;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>The flags of commands that read images: which, and how they are prepared.</summary>
abstract class DataArguments : RunArguments
{
    [Value(0, MetaName = "data", Hidden = true)]
    public IEnumerable<string> Data { get; set; } = [];

    [Option("data-dir", MetaValue = "DIR|FILE",
        HelpText = "A folder or .tar of class/file, a folder of images, or an image; infer takes several.")]
    public IEnumerable<string> DataDir { get; set; } = [];

    [Option("dataset", MetaValue = "KIND",
        HelpText = "Kind of the data: wds/, csv/, hfds/, or torch/ with a name such as torch/cifar10.")]
    public string Dataset { get; set; } = "";

    [Option("split", MetaValue = "NAME", HelpText = "Sub-folder of the data, such as validation.")]
    public string Split { get; set; } = "";

    [Option("class-map", MetaValue = "FILE",
        HelpText = "Classes in the model's order: .txt with a name a line, or .tsv with "
        + "the columns index and synset or name. Default: the sorted names of the folders.")]
    public string? ClassMapFile { get; set; }

    [Option("input-key", MetaValue = "ENDINGS",
        HelpText = "Endings of the files that are images, such as '.webp;.jpg'; all for whatever can be decoded. "
        + "Default: '.png;.jpg;.jpeg'.")]
    public string? InputKey { get; set; }

    [Option("target-key", MetaValue = "FIELD", HelpText = "Where the labels are: a field or a column.")]
    public string? TargetKey { get; set; }

    [Option("target-format", MetaValue = "FORMAT", HelpText = "What a list of numbers is: indices or multihot.")]
    public string? TargetFormat { get; set; }

    [Option("input-img-mode", MetaValue = "MODE", HelpText = "RGB, or L for gray. Default: RGB.")]
    public string? InputImgMode { get; set; }

    [Option("num-samples", MetaValue = "N", HelpText = "Only the first images.")]
    public int? NumSamples { get; set; }

    [Option("exif", HelpText = "Turn pictures as their cameras say.")]
    public bool Exif { get; set; }

    [Option('j', "workers", MetaValue = "N", HelpText = "Threads that decode and compute. Default: one a core.")]
    public int? Workers { get; set; }

    [Option("crop-pct", MetaValue = "X", HelpText = "Share of the resized image that the model sees.")]
    public double? CropPct { get; set; }

    [Option("crop-mode", MetaValue = "MODE", HelpText = "center, squash or border.")]
    public string? CropModeName { get; set; }

    [Option("crop-border-pixels", MetaValue = "N", HelpText = "Pixels cut off at every edge before anything else.")]
    public int? CropBorderPixels { get; set; }

    [Option("mean", MetaValue = "X", HelpText = "Mean of each channel, of values from 0 to 1.")]
    public IEnumerable<double> Mean { get; set; } = [];

    [Option("std", MetaValue = "X", HelpText = "Standard deviation of each channel.")]
    public IEnumerable<double> Std { get; set; } = [];

    [Option("interpolation", MetaValue = "FILTER", HelpText = "nearest, box, bilinear, hamming, bicubic or lanczos.")]
    public string? InterpolationName { get; set; }

    [Option("naflex", HelpText = "Takes patches of images of any shape, for networks that do: naflexvit's.")]
    public bool Naflex { get; set; }

    [Option("naflex-max-seq-len", MetaValue = "N",
        HelpText = "The most patches that an image is cut into. Default: 576, or what the file says.")]
    public int? NaflexMaxSeqLen { get; set; }

    [Option("log-freq", Default = 10, MetaValue = "N", HelpText = "Batches between two lines about the progress.")]
    public int LogFreq { get; set; }

    [Option("json", HelpText = "Print the JSON of the results and nothing else on standard output.")]
    public bool AsJson { get; set; }

    /// <summary>What to read, by the flag and by itself; at least one.</summary>
    protected string[] DataPaths => DataDir.Concat(Data).Distinct().ToArray() is [_, ..] paths ? paths
        : throw new UserException("Say which images: --data-dir DIR or FILE.");

    /// <summary>Opens the images of a folder, an archive or a file, as the flags say.</summary>
    protected IDataset OpenData(string path, string? classMap = null)
    {
        CheckNames();
        return DatasetKinds.Open(new(path)
        {
            Kind = Dataset,
            Split = Split,
            ClassMap = classMap,
            InputKey = InputKey,
            TargetKey = TargetKey,
            IsMultihot = DatasetRequest.ParseFormat(TargetFormat),
            IsMultiLabel = IsMultiLabel,
            Samples = NumSamples,
            IsGray = DatasetRequest.ParseMode(InputImgMode),
        });
    }

    protected override ModelRequest Request()
    {
        var request = base.Request();
        return request with
        {
            Options = request.Options with { MaxSeqLen = MaxSeqLenOf(Naflex, NaflexMaxSeqLen) },
        };
    }

    /// <summary>Whether images may have several labels.</summary>
    protected virtual bool IsMultiLabel => false;

    /// <summary>
    /// Opens the model for these images: as many workers as cores, the cores that are left for each call.
    /// </summary>
    protected ImageRun Open(IDataset data, TextWriter messages)
    {
        var batch = BatchSize switch
        {
            null => DefaultBatch,
            > 0 => BatchSize.Value,
            _ => throw new UserException("--batch-size must be at least 1."),
        };
        var cores = Math.Max(1, Workers ?? Environment.ProcessorCount);
        var workers = Math.Clamp((data.Count + batch - 1) / batch, 1, cores);
        var model = OpenModel(cores / workers, messages);
        foreach (var remark in data.Remarks)
            messages.WriteLine($"onnxtimm: {remark}");
        try
        {
            return new(model, Adjust(model.Card.Preprocess), model.FixedBatch ?? batch, workers);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Images of a call where nothing else is asked for.</summary>
    protected int DefaultBatch => Device.Provider.IsApart ? 64 : 1;

    /// <summary>Files that flags name, beside the images and the model.</summary>
    protected virtual IEnumerable<string?> Lists => [];

    /// <summary>Wrong names, a device or a list that is not there are said before anything is read.</summary>
    void CheckNames()
    {
        _ = (CropMode, Interpolation, Ema);
        foreach (var file in Lists.OfType<string>())
            RegularFile.Check(file);
        CheckDevice();
    }

    CropMode? CropMode => CropModeName is { } mode ? DataConfig.ParseCropMode(mode) : null;

    Interpolation? Interpolation => InterpolationName is { } filter ? Interpolations.Parse(filter) : null;

    PatchConfig? Patches(PatchConfig? own) => own is null && (Naflex || NaflexMaxSeqLen is not null)
        ? throw new UserException($"\"{Model}\" takes images, no patches: export --naflex writes a file that does.")
        : own is not null && NaflexMaxSeqLen is { } most ? own with { MaxSeqLen = most } : own;

    /// <summary>The model's own way of preparing images, but for what the flags say.</summary>
    protected DataConfig Adjust(DataConfig c) => c with
    {
        CropPct = CropPct ?? c.CropPct,
        CropMode = CropMode ?? c.CropMode,
        CropBorderPixels = CropBorderPixels ?? c.CropBorderPixels,
        Mean = DataConfig.PerChannel("mean", Mean, c.Channels) ?? c.Mean,
        Std = DataConfig.PerChannel("std", Std, c.Channels) ?? c.Std,
        Exif = Exif,
        Patches = Patches(c.Patches),
        Interpolation = Interpolation ?? c.Interpolation,
    };
}
