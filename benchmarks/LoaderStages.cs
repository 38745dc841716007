using System.Globalization;
using OnnxTimm.Data;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Images a second of the training loader at 224 pixels with two threads, a stage more in each line, against timm's
/// transforms in a PyTorch DataLoader of two processes (loader.py; the variable TIMM_PATH says where timm lies):
/// <c>loader FOLDER [ROUNDS]</c>. Short rounds in turn, so that what else the machine does touches both alike; decoding
/// alone is the bound of what follows it.
/// </summary>
static class LoaderStages
{
    const int Threads = 2, BatchSize = 20, Repeats = 5;

    static readonly DataConfig Config = new();

    static readonly (string Name, Func<IImageTransform> Make)[] Stages =
    [
        ("decode", () => new Nothing()),
        ("+ crop and resize", () => TrainTransform.Create(Cropped)),
        ("+ rand-m9-mstd0.5-inc1", () => TrainTransform.Create(Augmented)),
        ("+ erase: the loader", () => TrainTransform.Create(
            Augmented with { Erasing = new(0.25, ErasingMode.Pixel) })),
    ];

    static TrainConfig Cropped => new()
    {
        Data = Config,
        Filters = [Interpolation.Bicubic],
        HorizontalFlip = 0,
        ColorJitter = [],
    };

    static TrainConfig Augmented => Cropped with
    {
        HorizontalFlip = 0.5,
        Policy = AugmentPolicy.Parse("rand-m9-mstd0.5-inc1", PolicySettings.Of(Config, [Interpolation.Bicubic])),
    };

    public static int Run(string folder, int rounds = 7)
    {
        using var photos = Dataset.Open(folder);
        using var data = new Labelled(photos);
        var loaders = Stages.Select(s => new Loader(data, s.Make(), Options(photos.Count))).ToArray();
        var peers = Stages.Select((_, i) => Peer.Start("loader.py", folder, $"{i}", $"{BatchSize}", $"{Repeats}"))
            .TakeWhile(peer => peer is not null).ToArray();
        var rates = Stages.Select(_ => (Ours: new List<double>(), Timms: new List<double>())).ToArray();
        for (var round = 0; round <= rounds; round++)
            for (var i = 0; i < Stages.Length; i++)
            {
                var (ours, timms) = (Rate(loaders[i], round), i < peers.Length ? peers[i]!.Next() : 0);
                if (round == 0)
                    continue;
                rates[i].Ours.Add(ours);
                rates[i].Timms.Add(timms);
            }
        foreach (var peer in peers)
            peer!.Dispose();
        Print([.. rates.Select(r => (Clock.Median(r.Ours), Clock.Median(r.Timms)))]);
        return 0;
    }

    static LoaderOptions Options(int photos) => new()
    {
        BatchSize = BatchSize,
        IsTraining = true,
        Threads = Threads,
        Sampler = Samplers.Fixed(Samplers.Shuffled(photos, BatchSize, 42), photos * Repeats / BatchSize),
    };

    static double Rate(Loader loader, int epoch)
    {
        var images = 0;
        var seconds = Clock.Seconds(() => images = loader.Epoch(epoch).Sum(batch => batch.Count));
        return images / seconds;
    }

    static void Print((double Ours, double Timms)[] rates)
    {
        Console.WriteLine($"{"images/s, 2 workers",-26}{"OnnxTimm",10}{"timm",10}{"ratio",8}{"of decoding",13}");
        foreach (var (stage, (ours, timms)) in Stages.Zip(rates))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stage.Name,-26}{ours,10:F1}")
                + (timms == 0 ? $"{"-",10}{"-",8}"
                    : string.Create(CultureInfo.InvariantCulture, $"{timms,10:F1}{ours / timms,7:F2}x"))
                + string.Create(CultureInfo.InvariantCulture, $"{ours / rates[0].Ours,13:F2}"));
    }

    /// <summary>Decoded images are thrown away.</summary>
    sealed class Nothing : IImageTransform
    {
        public int Channels => 1;

        public int Height => 1;

        public int Width => 1;

        public ImageSize Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw = default) => Drop(image);

        public ImageSize Apply(Image image, CounterRandom random, Span<float> chw, Draw draw = default) => Drop(image);

        static ImageSize Drop(Image image)
        {
            image.Dispose();
            return new(1, 1);
        }
    }

    /// <summary>Photos without class folders, all of one class.</summary>
    sealed class Labelled(IDataset data) : IDataset
    {
        public int Count => data.Count;

        public IReadOnlyList<string> Classes => ["photo"];

        public int Label(int index) => 0;

        public string Name(int index) => data.Name(index);

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => data.Read(index, buffer);

        public void Dispose()
        {
        }
    }
}
