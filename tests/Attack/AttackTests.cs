using System.Formats.Tar;
using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Train.Artifacts;
using TarEntry = System.Formats.Tar.TarEntry;

namespace OnnxTimm.Tests.Attacks;

/// <summary>A small share of what <c>build.sh attack</c> tries.</summary>
[TestClass]
public sealed class AttackTests
{

    /// <summary>Files in every form that weights are read from; those below a folder of their own take it along.</summary>
    static readonly string[] Weights =
    [
        "pytorch/zip.pth", "pytorch/legacy.pth", "pytorch/dtypes.pth", "pytorch/nested_model.pth",
        "pytorch/parameters.pth", "pytorch/protocol4.pth", "pytorch/tied.pth", "pytorch/timm_checkpoint.pth.tar",
        "pytorch/unicode.pth", "pytorch/views.pth", "pytorch/views_legacy.pth", "pytorch/wrapped/enum.pth",
        "pytorch/wrapped/quantized.pth", "pickle/protocol5_packed.pth", "pickle/protocol2_zip64.pth",
        "pytorch/dtypes.safetensors", "pytorch/plain.safetensors", "pytorch/sharded/model.safetensors.index.json",
        "pytorch/wrapped/sharded_bin/pytorch_model.bin.index.json", "convert/flax/tiny.msgpack",
        "convert/flax/tiny_bf16.msgpack", "convert/flax/kinds.msgpack", "convert/flax/chunked.msgpack",
        "convert/flax/vit_mini.npz", "convert/odd/npz_odd.npz", "convert/odd/npz_zip64.npz",
        "convert/mxnet/mxnet2_net.params", "convert/mxnet/v0_named.params", "convert/mxnet/v1_named.params",
        "convert/mxnet/v2_argaux.params", "convert/mxnet/v2_list.params", "convert/mxnet/v3_npshape.params",
        "convert/mxnet/sparse_csr.params", "ort-training/checkpoint_after",
    ];

    static readonly string[] Symbols = ["fixgamma-symbol.json", "resnet_v1b_basic-symbol.json"];

    static readonly TarEntryFormat[] TarFormats =
        [TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar, TarEntryFormat.V7];

    static string[] Images => ImagesOf("files");

    [TestMethod]
    public void MutatedWeights() => Attack.Run("weights", 10_000, (random, folder) =>
    {
        var source = Paths.Golden(Weights[random.Next(Weights.Length)].Split('/'));
        var path = Path.Combine(folder, Path.GetFileName(source));
        if (source.EndsWith(".json", StringComparison.Ordinal))
            foreach (var shard in Directory.GetFiles(Path.GetDirectoryName(source)!))
                File.Copy(shard, Path.Combine(folder, Path.GetFileName(shard)), overwrite: true);
        File.WriteAllBytes(path, Mutation.Of(File.ReadAllBytes(source), random));
        using var file = Checkpoint.Open(path);
        foreach (var tensor in file.Values)
            Assert.AreEqual(tensor.ByteCount, tensor.Bytes.Length);
    });

    [TestMethod]
    public void MutatedSymbols() => Attack.Run("symbols", 500, (random, folder) =>
    {
        var source = Paths.Golden("convert", "mxnet", Symbols[random.Next(Symbols.Length)]);
        var path = Path.Combine(folder, Path.GetFileName(source));
        File.WriteAllBytes(path, Mutation.Of(File.ReadAllBytes(source), random));
        using var weights = Checkpoint.Open(source.Replace("-symbol.json", "-0000.params"));
        SymbolImport.Read(path).ToGraph(weights, 3, 32, 32);
    });

    [TestMethod]
    public void MutatedOnnxFiles()
    {
        var model = OnnxFile.ToBytes(Zoo.Build("cifar_resnet20").Graph, valueInfo: true);
        Attack.Run("onnx", 2_000, (random, folder) =>
        {
            var path = Path.Combine(folder, "net.onnx");
            File.WriteAllBytes(path, Mutation.Of(model, random));
            using (var weights = Checkpoint.Open(path))
                Assert.IsNotEmpty(weights);
            OnnxFile.Write(ForeignModel.Adopt(OnnxFile.Read(path)), Path.Combine(folder, "again.onnx"));
        });
    }

    [TestMethod]
    [DataRow("files", 8_000)]
    [DataRow("png", 10_000)]
    [DataRow("jpeg", 10_000)]
    public void MutatedImages(string folder, int trials)
    {
        var images = ImagesOf(folder);
        Attack.Run($"images-{folder}", trials, (random, _) =>
        {
            var name = images[random.Next(images.Length)];
            var mutant = Mutation.Of(File.ReadAllBytes(name), random);
            using var image = ImageDecoder.Decode(mutant, Path.GetFileName(name));
            Assert.IsLessThanOrEqualTo(ImageDecoder.PixelLimit, (long)image.Width * image.Height);
        });
    }

    [TestMethod]
    public void MutatedTars()
    {
        var images = Images;
        Attack.Run("tars", 500, (random, folder) =>
        {
            var path = Path.Combine(folder, "set.tar");
            File.WriteAllBytes(path, Mutation.Of(Tar(TarFormats[random.Next(TarFormats.Length)], images, random), random));
            using var set = Dataset.Open(path);
            var buffer = new FileBuffer();
            for (var i = 0; i < set.Count; i++)
                Assert.IsTrue(set.Read(i, buffer).Length >= 0 && set.Label(i) < Math.Max(1, set.Classes.Count));
        });
    }

    static string[] ImagesOf(string folder) =>
        Directory.GetFiles(Paths.Golden("images", folder)).Order(StringComparer.Ordinal).ToArray();

    static byte[] Tar(TarEntryFormat format, string[] images, Random random)
    {
        using var content = new MemoryStream();
        using (var tar = new TarWriter(content, format, leaveOpen: true))
            for (var i = 0; i < 4; i++)
            {
                using var image = new MemoryStream(File.ReadAllBytes(images[random.Next(images.Length)]));
                TarEntry entry = format switch
                {
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, $"class{i % 2}/ü{i}.png"),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, $"class{i % 2}/{new string('n', 120)}{i}.png"),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, $"class{i % 2}/{i}.png"),
                    _ => new V7TarEntry(TarEntryType.V7RegularFile, $"class{i % 2}/{i}.png"),
                };
                entry.DataStream = image;
                tar.WriteEntry(entry);
            }
        return content.ToArray();
    }
}
