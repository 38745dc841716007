using System.Text;
using OnnxTimm.Data;

namespace OnnxTimm.Tests.Attacks;

/// <summary>
/// Data sets of every form, of which one file is mutated: they are read, or one message says what is wrong.
/// </summary>
[TestClass]
public sealed class DatasetAttackTests
{
    /// <summary>Folder, kind and split of sets below tests/golden/datasets, and how labels are asked for.</summary>
    static readonly (string Place, string Kind, string Split, string TargetKey)[] Sets =
    [
        ("wds", "wds/", "train", ""),
        ("wds", "wds/", "train", "tags"),
        ("wds", "wds/", "train", "meta/objects/id"),
        ("parquet", "hfds/", "train", ""),
        ("parquet", "hfids/", "train", "tags"),
        ("csv", "csv/", "train", ""),
        ("csv", "csv/several.csv", "", "even,first"),
        ("torch", "torch/cifar10", "train", ""),
        ("torch", "torch/cifar100", "test", ""),
        ("torch", "torch/mnist", "train", ""),
        ("torch", "torch/qmnist", "test", ""),
        ("torch", "torch/fashion_mnist", "train", ""),
    ];

    static readonly (string Ending, byte[] Content)[] Maps =
    [
        (".txt", "ant\nbee\ncow9\ncow10\n"u8.ToArray()),
        (".json", """{"ant": 0, "bee": 1, "cow9": 2, "cow10": 3}"""u8.ToArray()),
        (".pkl", Pickle("ant", "bee", "cow9", "cow10")),
    ];

    static readonly byte[][] Tiffs = [.. GoldenZoo.Rows(Paths.Golden("images", "tiff.jsonl.gz"))
        .Select(row => row.GetProperty("file").GetBytesFromBase64())];

    [TestMethod]
    public void MutatedDatasets() => Attack.Run("datasets", 4_000, (random, folder) =>
    {
        var (place, kind, split, key) = Sets[random.Next(Sets.Length)];
        var source = Paths.Golden("datasets", place);
        var files = Directory.GetFiles(source, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).ToArray();
        var victim = files[random.Next(files.Length)];
        foreach (var file in files)
        {
            var copy = Path.Combine(folder, place, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            var content = File.ReadAllBytes(file);
            File.WriteAllBytes(copy, file == victim ? Mutation.Of(content, random) : content);
        }
        var isFile = kind.EndsWith(".csv", StringComparison.Ordinal);
        using var data = DatasetKinds.Open(new(Path.Combine(folder, place, isFile ? "several.csv" : ""))
        {
            Kind = isFile ? "csv/" : kind,
            Split = split,
            TargetKey = key.Length > 0 ? key : null,
            IsMultiLabel = key.Length > 0,
        });
        ReadAll(data);
    });

    [TestMethod]
    public void MutatedClassMaps() => Attack.Run("class-maps", 2_000, (random, folder) =>
    {
        var (ending, content) = Maps[random.Next(Maps.Length)];
        File.WriteAllBytes(Path.Combine(folder, $"map{ending}"), Mutation.Of(content, random));
        using var data = DatasetKinds.Open(new(Paths.Golden("datasets", "folder"))
        {
            ClassMap = Path.Combine(folder, $"map{ending}"),
        });
        ReadAll(data);
    });

    [TestMethod]
    public void MutatedTiffs() => Attack.Run("tiff", 8_000, (random, _) =>
    {
        using var image = ImageDecoder.Decode(Mutation.Of(Tiffs[random.Next(Tiffs.Length)], random), "image.tiff");
        Assert.IsLessThanOrEqualTo(ImageDecoder.PixelLimit, (long)image.Width * image.Height);
    });

    /// <summary>Labels and pixels of everything; an image that cannot be read is one message.</summary>
    static void ReadAll(IDataset data)
    {
        var (buffer, targets) = (new FileBuffer(), new float[data.Classes.Count]);
        for (var i = 0; i < data.Count; i++)
        {
            Assert.IsLessThan(Math.Max(1, data.Classes.Count), data.Label(i));
            Assert.IsFalse(string.IsNullOrEmpty(data.Name(i)));
            data.Targets(i, targets);
            try
            {
                data.Decode(i, buffer).Dispose();
            }
            catch (UserException e)
            {
                Assert.DoesNotContain("\n", e.Message);
            }
        }
    }

    /// <summary>A dictionary of labels by class, in protocol 2.</summary>
    static byte[] Pickle(params string[] classes) =>
    [
        0x80, 2, (byte)'}', (byte)'(',
        .. classes.SelectMany((name, label) => (byte[])
            [(byte)'X', (byte)name.Length, 0, 0, 0, .. Encoding.UTF8.GetBytes(name), (byte)'K', (byte)label]),
        (byte)'u', (byte)'.',
    ];
}
