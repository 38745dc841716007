using System.Runtime.InteropServices;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Of a photo only the part is decoded that a transform looks at, which changes nothing.</summary>
[TestClass]
public sealed class DecodedPartTests
{
    static readonly DataConfig Config = new() { Height = 64, Width = 64 };

    static readonly TrainConfig Training = new()
    {
        Data = Config,
        Policy = AugmentPolicy.Parse("rand-m9-mstd0.5-inc1", PolicySettings.Of(Config, RandomInterpolation.All)),
        Erasing = new(0.5, ErasingMode.Pixel),
    };

    [TestMethod]
    public void BatchesAreThoseOfWholeImages()
    {
        foreach (var transform in new IImageTransform[]
        {
            TrainTransform.Create(Training),
            TrainTransform.Create(Training with { CropMode = TrainCropMode.KeepRatioRandom }),
            EvalTransform.Create(Config),
            EvalTransform.Create(Config with { CropBorderPixels = 3, CropPct = 0.5 }),
        })
            CollectionAssert.AreEqual(Read(new Photos(isDecoded: true), transform),
                Read(new Photos(isDecoded: false), transform));
    }

    /// <summary>The crop that is decoded is the one that is looked at.</summary>
    [TestMethod]
    public void ThePartIsTheCrop()
    {
        var (told, random) = (new List<string>(), new CounterRandom(7));
        var transform = TrainTransform.Create(Training);
        var part = ((IImageTransform)transform).Part(500, 375, random.At(2, 3))!.Value;
        transform.Apply(Image.Rent(500, 375), random.At(2, 3), new float[3 * 64 * 64], default, told.Add);
        Assert.AreEqual($"crop {part.Width}x{part.Height}+{part.Left}+{part.Top} of 500x375", told[0]);
        Assert.IsLessThan(500 * 375, part.Width * part.Height);
    }

    static float[] Read(IDataset data, IImageTransform transform)
    {
        var loader = new Loader(data, transform, new() { BatchSize = 3, IsTraining = true, Threads = 1 });
        return [.. Enumerable.Range(0, 4).SelectMany(epoch => loader.Epoch(epoch)
            .SelectMany(batch => MemoryMarshal.Cast<byte, float>(batch.Memory.Span).ToArray()))];
    }

    sealed class Photos(bool isDecoded) : IDataset
    {
        static readonly byte[][] Files = [.. Directory.GetFiles(Paths.Golden("images", "files"), "*.JPEG")
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

        public int Count => Files.Length;

        public IReadOnlyList<string> Classes => ["photo"];

        public int Label(int index) => 0;

        public string Name(int index) => $"photo {index}";

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => Files[index];

        public Image? Pixels(int index) => isDecoded ? ImageDecoder.Decode(Files[index], Name(index)) : null;

        public void Dispose()
        {
        }
    }
}
