using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OnnxTimm.Data;

namespace OnnxTimm.Tests.Data;

/// <summary>Batches of images of any shape.</summary>
[TestClass]
public sealed class PatchLoaderTests
{
    static readonly DataConfig Config = new() { Mean = [0.5, 0.5, 0.5], Std = [0.25, 0.25, 0.25], Patches = new(8, 12) };

    /// <summary>Each image has its own size; the same bytes come from any number of threads and any beginning.</summary>
    [TestMethod]
    public void BatchesDependOnNothingButTheirPlace()
    {
        var whole = Read(1, 0);
        Assert.IsGreaterThan(4, whole.SelectMany(b => b.Split(' ').Where(word => word.Contains('x'))).Distinct().Count());
        CollectionAssert.AreEqual(whole, Read(2, 0));
        CollectionAssert.AreEqual(whole, Read(7, 0));
        CollectionAssert.AreEqual(whole[3..], Read(2, 3));
    }

    /// <summary>A batch becomes what the images become one by one, behind each the padding.</summary>
    [TestMethod]
    public void ABatchIsCutIntoPatches()
    {
        var (data, transform) = (new Shapes(5), PatchTransform.Create(Config));
        var loader = new Loader(data, transform, new() { BatchSize = 5 });
        var batch = loader.Epoch(0).Single();
        var (length, numbers) = (12, transform.Numbers);
        float[] patches = [.. Enumerable.Repeat(7f, 5 * length * numbers)];
        long[] places = [.. Enumerable.Repeat(7L, 5 * length * 2)];
        bool[] valid = [.. Enumerable.Repeat(true, 5 * length)];
        new PatchMemory(patches, places, valid).Fill(batch.Normalised);
        for (var i = 0; i < 5; i++)
        {
            using var image = data.Pixels(i);
            var (rows, columns) = transform.GridOf(image.View());
            var expected = new float[length * numbers];
            transform.Apply(image.View(), (rows, columns), expected);
            Assert.IsTrue(patches.AsSpan(i * length * numbers, length * numbers).SequenceEqual(expected), $"image {i}");
            for (var t = 0; t < length; t++)
            {
                Assert.AreEqual(t < rows * columns, valid[i * length + t]);
                Assert.AreEqual(t < rows * columns ? (t / columns, t % columns) : (0L, 0L),
                    (places[(i * length + t) * 2], places[(i * length + t) * 2 + 1]));
            }
        }
        Assert.IsTrue(Enumerable.Range(0, 5).Any(i => !valid[i * length + length - 1]), "no padding was tried");
    }

    static List<string> Read(int threads, int first)
    {
        var data = new Shapes(50);
        var sampler = new SequenceSampler(50, new([12, 4], 8 * 12) { PatchSizes = [8, 4] }, 5, Rank.Only);
        LoaderSize[] sizes = [.. sampler.Sizes.Select(size => new LoaderSize(TrainTransform.Create(new()
        {
            Data = Config with { Patches = new(size.Side, size.SeqLen) },
            Scale = new(0.9, 1),
            Erasing = new(0.5),
        }), size.Count))];
        var loader = new Loader(data, sizes, new() { IsTraining = true, Sampler = sampler, Threads = threads });
        return [.. loader.Epoch(2, first).Select(Text)];
    }

    static string Text(Batch batch)
    {
        var images = batch.Normalised;
        var text = $"{batch.Size}:";
        for (var i = 0; i < batch.Count; i++)
        {
            Assert.IsTrue(images.Shape.Patches!.Fits(images.SizeOf(i).Height, images.SizeOf(i).Width));
            text += $" {batch.Indices[i]} {images.SizeOf(i).Height}x{images.SizeOf(i).Width} "
                + Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(images[i])));
        }
        return text;
    }

    /// <summary>Images of several shapes, each of its own colours.</summary>
    internal sealed class Shapes(int count) : IDataset
    {
        static readonly (int Width, int Height)[] Sizes = [(40, 40), (90, 30), (30, 90), (17, 50), (64, 48)];

        public int Count => count;

        public IReadOnlyList<string> Classes => ["a", "b"];

        public int Label(int index) => index % 2;

        public string Name(int index) => $"{index}";

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => throw new NotSupportedException();

        public Image Pixels(int index)
        {
            var (width, height) = Sizes[index % Sizes.Length];
            var values = Fill.Uniform($"shape:{index}", 3 * width * height);
            return Image.FromRgb([.. values.Select(v => (byte)(128 + 127 * v))], width, height);
        }

        public void Dispose()
        {
        }
    }
}
