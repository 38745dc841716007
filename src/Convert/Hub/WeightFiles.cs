namespace OnnxTimm.Conversion;

/// <summary>Which file of several holds the weights (timm/models/_hub.py).</summary>
public static class WeightFiles
{
    /// <summary>Names of weight files in repositories, best first.</summary>
    public static readonly IReadOnlyList<string> Preferred =
    [
        "model.safetensors",
        $"model.safetensors{SafetensorsIndex.Ending}",
        "pytorch_model.bin",
        $"pytorch_model.bin{SafetensorsIndex.Ending}",
        "pytorch_model.pth",
        "model.pth",
        "open_clip_model.safetensors",
        "open_clip_pytorch_model.safetensors",
        "open_clip_pytorch_model.bin",
        "open_clip_pytorch_model.pth",
    ];

    static readonly string[] Extensions = [".safetensors", ".pth", ".pth.tar", ".bin"];

    /// <summary>The weights in a folder: a preferred name, else the first by extension and name.</summary>
    /// <exception cref="UserException">The folder holds no checkpoint.</exception>
    public static string In(string folder) =>
        Preferred.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? Extensions.SelectMany(extension => WithExtension(folder, extension)).FirstOrDefault()
        ?? throw new UserException(
            $"No suitable checkpoints are in \"{folder}\": neither {Preferred[0]} nor another "
            + $"{string.Join(", ", Extensions)} file.");

    static IEnumerable<string> WithExtension(string folder, string extension) => Directory.EnumerateFiles(folder)
        .Where(file => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal);
}
