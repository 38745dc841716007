using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Edge;

/// <summary>How images become the input, and what classes are called: by the file's own word, or by flags.</summary>
/// <param name="Config">How an image becomes the input.</param>
/// <param name="Labels">Names of the classes.</param>
/// <param name="IsMultiLabel">Whether several classes, or none, may hold of an image.</param>
sealed record Preparation(DataConfig Config, IReadOnlyList<string> Labels, bool IsMultiLabel)
{
    /// <exception cref="UsageException">Neither says it.</exception>
    /// <exception cref="UserException">The file's word is damaged, or flags do not fit it.</exception>
    public static Preparation Of(Session session, Settings s)
    {
        var card = ModelCard.Read(session.Metadata, session.Name);
        var config = card?.Preprocess ?? Foreign(session, s);
        config = config with
        {
            Mean = s.Mean is [] ? config.Mean : Checked("--mean", s.Mean, config.Channels),
            Std = s.Std is [] ? config.Std : Checked("--std", s.Std, config.Channels),
            Interpolation = s.Interpolation ?? config.Interpolation,
            CropPct = s.CropPct ?? config.CropPct,
            CropMode = s.CropMode ?? config.CropMode,
        };
        var labels = s.Labels is { } file ? ClassMap.Load(file, ".").Names : card?.Labels ?? [];
        return new(Sized(session, config, s), labels, card?.IsMultiLabel ?? false);
    }

    /// <summary>The names of all classes: the index of one that has none.</summary>
    /// <param name="count">How many there are.</param>
    /// <exception cref="UserException">There are names for another number of them.</exception>
    public IReadOnlyList<string> LabelsOf(int count) => Labels.Count == 0 || Labels.Count == count
        ? [.. Enumerable.Range(0, count).Select(i => ModelCard.LabelOf(Labels, i))]
        : throw new UserException($"There are names of {Labels.Count} classes, but the network has {count}.");

    static DataConfig Foreign(Session session, Settings s)
    {
        if (InputImage.IsRaw(session))
            return new();
        if (session.Inputs is not [{ Type: DType.Float32 or DType.Float16, Shape: { IsKnown: true, Rank: 4 } shape }])
            throw new UserException($"\"{session.Name}\" does not take images [N, C, H, W]: it has "
                + $"{string.Join(", ", session.Inputs)}.");
        return s.Mean is not [] && s.Std is not [] ? new() { Channels = shape[1].IsFixed ? (int)shape[1].Size : 3 }
            : throw new UsageException($"\"{session.Name}\" does not say how images are prepared: give --mean and "
                + "--std, and --interpolation, --crop-pct and --crop-mode where they are not bicubic, 0.875 and "
                + "center. ImageNet's are --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225.");
    }

    /// <summary>The size of the input, where the network has one; else what it says, or what is asked for.</summary>
    static DataConfig Sized(Session session, DataConfig config, Settings s)
    {
        if (InputImage.IsRaw(session) || session.Inputs is not [{ Shape: { IsKnown: true, Rank: 4 } shape }])
            return config;
        if (!shape[2].IsFixed || !shape[3].IsFixed)
            return config with { Height = s.ImgSize ?? config.Height, Width = s.ImgSize ?? config.Width };
        var (height, width) = ((int)shape[2].Size, (int)shape[3].Size);
        return s.ImgSize is null || (s.ImgSize, s.ImgSize) == (height, width)
            ? config with { Height = height, Width = width }
            : throw new UsageException($"\"{session.Name}\" takes images of {width}x{height}: --img-size is of those "
                + "that leave it open.");
    }

    static double[] Checked(string flag, double[] values, int channels) => values.Length == channels ? values
        : throw new UsageException($"{flag} has {values.Length} values for {channels} channels.");
}
