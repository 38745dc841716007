using System.Buffers.Binary;
using System.IO.Compression;

namespace OnnxTimm.Data;

/// <summary>
/// The IDX files of MNIST and of sets in its form: 28x28 gray images and labels, plain or as .gz (Y. LeCun's page on
/// MNIST; QMNIST's labels are rows of eight numbers, the class first, arXiv:1905.10498).
/// </summary>
static class IdxImages
{
    /// <summary>What a file may unpack to: the largest of these sets has 47 million bytes.</summary>
    const int MostBytes = 1 << 30;

    public static readonly string[] Digits = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five",
        "6 - six", "7 - seven", "8 - eight", "9 - nine"];

    public static readonly string[] Clothes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
        "Sneaker", "Bag", "Ankle boot"];

    public static readonly string[] Kana = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];

    /// <summary>The files of images and of labels.</summary>
    public static (string Images, string Labels) Plain(bool train) => train
        ? ("train-images-idx3-ubyte", "train-labels-idx1-ubyte") : ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

    /// <summary>Those of QMNIST.</summary>
    public static (string Images, string Labels) Q(bool train) => train
        ? ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int")
        : ("qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int");

    /// <summary>Opens a set below a folder.</summary>
    /// <param name="root">The folder, as torchvision's root.</param>
    /// <param name="name">torchvision's name of the set, the folder below.</param>
    /// <param name="files">The files.</param>
    /// <param name="classes">Names of the classes.</param>
    public static RawImages Open(
        string root, string name, (string Images, string Labels) files, IReadOnlyList<string> classes)
    {
        var folder = new[] { Path.Combine(root, name, "raw"), root }.FirstOrDefault(f => Find(f, files.Images) != null)
            ?? throw new UserException($"There is no {Path.Combine(root, name, "raw", files.Images)} (nor its .gz).");
        var (sizes, pixels, _) = Read(folder, files.Images, 3);
        var (rows, labels, width) = Read(folder, files.Labels, 0);
        if (rows[0] != sizes[0])
            throw new UserException($"{folder} has {sizes[0]} images and {rows[0]} labels of {name}.");
        var step = labels.Length / Math.Max(1, rows[0]);
        int[] classOf = [.. Enumerable.Range(0, rows[0]).Select(i => Number(labels.Span[(i * step)..], width))];
        return classOf.FirstOrDefault(c => c < 0 || c >= classes.Count, -1) is >= 0 and var wrong
            ? throw new UserException($"{files.Labels} has the label {wrong}; there are {classes.Count} classes.")
            : new(name, (1, sizes[1], sizes[2]), pixels, classOf, classes);
    }

    static int Number(ReadOnlySpan<byte> at, int width) => width == 1 ? at[0] : BinaryPrimitives.ReadInt32BigEndian(at);

    static string? Find(string folder, string file) => new[] { file, $"{file}.gz" }
        .Select(f => Path.Combine(folder, f)).FirstOrDefault(File.Exists);

    /// <summary>Sizes, content and bytes of a number.</summary>
    static (int[] Sizes, ReadOnlyMemory<byte> Content, int Width) Read(string folder, string file, int rank)
    {
        var path = Find(folder, file) ?? throw new UserException($"There is no {Path.Combine(folder, file)}.");
        ReadOnlyMemory<byte> bytes = path.EndsWith(".gz", StringComparison.Ordinal) ? Unpacked(path)
            : RegularFile.ReadBytes(path);
        var head = bytes.Span;
        if (head.Length < 8 || head[0] != 0 || head[1] != 0 || head[2] is not (0x08 or 0x0C) || head[3] is 0 or > 3
            || (rank > 0 && head[3] != rank) || head.Length < 4 + 4 * head[3])
            throw new UserException($"{path} is no IDX file of bytes or integers.");
        var width = head[2] == 0x08 ? 1 : 4;
        int[] sizes = [.. Enumerable.Range(0, head[3]).Select(i =>
            BinaryPrimitives.ReadInt32BigEndian(bytes.Span[(4 + 4 * i)..]))];
        var content = bytes[(4 + 4 * sizes.Length)..];
        return sizes.All(s => s > 0) && sizes.Aggregate((Int128)width, (n, s) => n * s) == content.Length
            ? (sizes, content, width) : throw new UserException($"{path} says {string.Join("x", sizes)} numbers of "
                + $"{width} bytes and has {content.Length} bytes of them: it is cut short or damaged.");
    }

    static byte[] Unpacked(string path)
    {
        using var stream = new GZipStream(RegularFile.OpenStream(path), CompressionMode.Decompress);
        var all = new MemoryStream();
        var piece = new byte[1 << 16];
        try
        {
            for (int read; (read = stream.Read(piece)) > 0; all.Write(piece, 0, read))
                if (all.Length > MostBytes)
                    throw new UserException($"{path} unpacks to more than {MostBytes} bytes.");
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{path} is cut short or damaged: {e.Message}", e);
        }
        return all.ToArray();
    }
}
