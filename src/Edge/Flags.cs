using System.Text;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Edge;

/// <summary>The command line: a table, and what reads it.</summary>
static class Flags
{
    /// <summary>All flags: a new one is a row.</summary>
    public static readonly Flag[] Table =
    [
        new("--topk", "K", "Classes to name for each image, best first; 0 names all. Default: 1.",
            (s, w) => s.TopK = w.Whole(0)),
        new("--threshold", "P", "Leave out classes of a probability below P.",
            (s, w) => s.Threshold = w.Number(0, 1)),
        new("--format", "NAME", $"{AnswerFormat.Names}. Default: {AnswerFormat.Table[0].Name}.",
            (s, w) => s.Format = w.Of(0, [.. AnswerFormat.Table.Select(row => (row.Name, row.Name))])),
        new("--labels", "FILE", "Names of the classes, one a line. Default: the network's own.",
            (s, w) => s.Labels = w[0]),
        new("--raw", "WxH FORMAT", "Standard input is frames of that size: rgb24, bgr24, nv12, yuyv or gray.",
            (s, w) => s.Raw = w.Wholes('x', 2, "a size such as 640x480") is [var width, var height]
                ? (width, height, w.Of(1, Formats)) : null),
        new("--range", "NAME", "What nv12 and yuyv mean by BT.601: limited (video) or full. Default: limited.",
            (s, w) => s.Range = w.Of(0, ("limited", ColourRange.Limited), ("full", ColourRange.Full))),
        new("--every", "N", "Take only each N-th frame. Default: 1.", (s, w) => s.Every = w.Whole(1)),
        new("--watch", "DIR", "Answer the images of a folder and each that comes there, until it is stopped.",
            (s, w) => s.Watch = w[0]),
        new("--journal", "FILE", "Where --watch notes what is answered. Default: .onnxtimm-run in the folder.",
            (s, w) => s.Journal = w[0]),
        new("--crop", "X,Y,W,H", "Take only this part of each image.",
            (s, w) => s.Crop = w.Wholes(',', 4, "X,Y,W,H in pixels") is [var x, var y, var width, var height]
                ? (x, y, width, height) : null),
        new("--mean", "R,G,B", "Mean of images in 0..1. Default, as of the next four: what the network says.",
            (s, w) => s.Mean = w.Numbers()),
        new("--std", "R,G,B", "Standard deviation of images in 0..1.",
            (s, w) => s.Std = w.Numbers()),
        new("--interpolation", "NAME", "Filter that images are resized by.",
            (s, w) => s.Interpolation = Interpolations.Parse(w[0])),
        new("--crop-pct", "P", "The network's size / the size after resizing.",
            (s, w) => s.CropPct = w.Number(DataConfig.LeastCropPct, DataConfig.LargestCropPct)),
        new("--crop-mode", "NAME", "center, squash or border.",
            (s, w) => s.CropMode = DataConfig.ParseCropMode(w[0])),
        new("--img-size", "N", "Height and width of images, where the network leaves them open.",
            (s, w) => s.ImgSize = w.Whole(1, DataConfig.LargestSide)),
        new("--scores", "NAME", "What the network gives: logits or softmax. Default: by its output's name.",
            (s, w) => s.Scores = w.Of(0, ("logits", ScoreKind.Logits), ("softmax", ScoreKind.Softmax))),
        new("--threads", "N", "Threads that share the work of an image. Default: one a core.",
            (s, w) => s.Threads = w.Whole(1, 1024)),
        new("--spin", "", "Idle threads wait busily: quicker by a little, at a core's full power.",
            (s, _) => s.Spin = true),
        new("--max-memory", "MB", "Fail rather than use more memory for data than this (Linux).",
            (s, w) => s.MaxMemory = w.Whole(MemoryLimit.Least, 1 << 20)),
        new("--runtime", "PATH", $"ONNX Runtime's library, or its folder. Default: {RuntimeLibrary.FileName} beside "
            + "the program.", (s, w) => s.Runtime = w[0]),
        new("--device", "NAME", $"{string.Join(", ", Providers.Table.Select(p => p.Name))}: what the library has. "
            + "Default: cpu.", (s, w) => s.Device = Device.Parse(w[0])),
        new("--ort", "KEY=VALUE", "A setting of ONNX Runtime's session, or an option of the device; several times.",
            (s, w) => s.Ort.Add(w[0])),
        new("--placement", "", "Say which provider computes how many nodes.", (s, _) => s.Placement = true),
        new("--repeat", "N", "Answer each image N times, for measuring. Default: 1.",
            (s, w) => s.Repeat = w.Whole(1)),
        new("--timing", "", "Say at the end where the time went.", (s, _) => s.Timing = true),
        new("--version", "", "Show the version.", (s, _) => s.Version = true),
        new("--help", "", "Show this.", (s, _) => s.Help = true),
    ];

    static (string, PixelFormat)[] Formats =>
    [
        ("rgb24", PixelFormat.Rgb24), ("bgr24", PixelFormat.Bgr24), ("nv12", PixelFormat.Nv12),
        ("yuyv", PixelFormat.Yuyv), ("gray", PixelFormat.Gray8),
    ];

    /// <summary>Reads the words.</summary>
    /// <exception cref="UsageException">They cannot be meant.</exception>
    public static Settings Parse(string[] args)
    {
        var settings = new Settings();
        try
        {
            var words = new List<string>();
            for (var i = 0; i < args.Length;)
                if (args[i].Length > 1 && args[i][0] == '-')
                    i = Read(args, i, settings);
                else
                    words.Add(args[i++]);
            return Checked(settings, words);
        }
        catch (UserException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>The help.</summary>
    public static string Help()
    {
        var text = new StringBuilder("""
            onnxtimm-run MODEL.onnx IMAGE|DIR ...             classify images, or give their features
            onnxtimm-run MODEL.onnx - < IMAGE
            onnxtimm-run MODEL.onnx --raw WxH FORMAT - < FRAMES
            onnxtimm-run MODEL.onnx --watch DIR


            """);
        foreach (var flag in Table)
            text.Append($"  {$"{flag.Name} {flag.Values}",-22} {flag.Help}\n");
        return text.Append("\nExit code: 0 all done, 1 an error, 2 a wrong command line, 130 stopped by a signal.\n")
            .ToString();
    }

    static int Read(string[] args, int at, Settings settings)
    {
        var parts = args[at].Split('=', 2);
        var name = parts[0] == "-h" ? "--help" : parts[0];
        var flag = Table.FirstOrDefault(f => f.Name == name) ?? throw new UserException(
            $"There is no flag {name}.{Nearest.Hint(name, Table.Select(f => f.Name))} --help lists all.");
        string[] values = parts.Length == 2 && flag.Count > 0 ? [parts[1]] : [];
        var missing = flag.Count - values.Length;
        if (parts.Length == 2 && flag.Count == 0)
            throw new UserException($"{name} takes no value.");
        if (at + 1 + missing > args.Length)
            throw new UserException($"{name} needs {(flag.Count == 1 ? "a value" : $"values")}: {flag.Values}.");
        flag.Set(settings, new(name, [.. values, .. args.AsSpan(at + 1, missing)]));
        return at + 1 + missing;
    }

    static Settings Checked(Settings s, List<string> words)
    {
        if (s.Help || s.Version)
            return s;
        s.Model = words.Count > 0 ? words[0]
            : throw new UserException("Which network? onnxtimm-run MODEL.onnx IMAGE; --help shows more.");
        s.Inputs.AddRange(words.Skip(1));
        if (s.Raw is not null && s.Inputs is [])
            s.Inputs.Add("-");
        if (s.Watch is null == s.Inputs is [])
            throw new UserException(s.Watch is null
                ? "Which images? Name files or folders, - for standard input, or --watch DIR."
                : $"--watch takes the images of its folder, not \"{s.Inputs[0]}\" too.");
        if (s.Raw is not null && s.Inputs is not ["-"])
            throw new UserException("--raw is of standard input alone: give - and no image.");
        if (s.Raw is null && (s.Every > 1 || s.Range != ColourRange.Limited))
            throw new UserException("--every and --range are of frames: give --raw.");
        if (s.Watch is null && s.Journal is not null)
            throw new UserException("--journal is of --watch.");
        return s;
    }
}
