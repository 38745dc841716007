using OnnxTimm.Conversion;

namespace OnnxTimm.Data;

/// <summary>
/// The pickles of CIFAR-10 and CIFAR-100 in the form for Python: a dictionary with an array [N, 3072], the planes of an
/// image one behind the other, and lists of labels (A. Krizhevsky, "Learning multiple layers of features", 2009).
/// </summary>
static class CifarImages
{
    const int Side = 32, ImageBytes = 3 * Side * Side;

    public static IDataset Ten(string root, bool train) => Open(root, "cifar-10-batches-py",
        train ? [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}")] : ["test_batch"],
        "labels", ("batches.meta", "label_names"));

    public static IDataset Hundred(string root, bool train) => Open(root, "cifar-100-python",
        [train ? "train" : "test"], "fine_labels", ("meta", "fine_label_names"));

    static RawImages Open(string root, string folder, string[] files, string labelKey, (string File, string Key) names)
    {
        var place = Directory.Exists(Path.Combine(root, folder)) ? Path.Combine(root, folder) : root;
        string[] missing = [.. files.Append(names.File).Where(f => !File.Exists(Path.Combine(place, f)))];
        if (missing.Length > 0)
            throw new UserException($"{place} has no {string.Join(", ", missing)}.");
        string[] classes = [.. List(Load(place, names.File), names.Key, place).Select(n => n as string ?? "")];
        var (pixels, labels) = (new MemoryStream(), new List<int>());
        foreach (var file in files)
        {
            var content = Load(place, file);
            long[] own = [.. List(content, labelKey, file).Select(l => l is long n ? n : -1)];
            if (own.FirstOrDefault(l => l < 0 || l >= classes.Length, 0) is not 0 and var wrong)
                throw new UserException($"{file} has the label {wrong}; there are {classes.Length} classes.");
            pixels.Write(Pixels(content, own.Length, file));
            labels.AddRange(own.Select(l => (int)l));
        }
        return new(folder, (3, Side, Side), pixels.ToArray(), [.. labels], classes);
    }

    static ReadOnlySpan<byte> Pixels(PyDict content, int count, string file) => content.GetValueOrDefault("data") switch
    {
        Tensor { Type: DType.UInt8, Shape: [var n, ImageBytes] } data when n == count => data.Bytes.Span,
        _ => throw new UserException($"{file} has no \"data\" of {count}x{ImageBytes} bytes."),
    };

    static PyDict Load(string folder, string file) => PickleFile.Load(Path.Combine(folder, file)) as PyDict
        ?? throw new UserException($"{Path.Combine(folder, file)} is no dictionary.");

    static IEnumerable<object?> List(PyDict content, string key, string file) =>
        content.GetValueOrDefault(key) as IEnumerable<object?>
        ?? throw new UserException($"{file} has no list \"{key}\".");

}
