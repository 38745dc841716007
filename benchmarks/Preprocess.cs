using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// From the bytes of photos to a model's input on one thread (bicubic, 224 pixels, centre), against Pillow and NumPy
/// (preprocess.py): <c>preprocess FOLDER [ROUNDS]</c>. Ends with 1 where a byte differs; alone where there is no peer.
/// </summary>
static class Preprocess
{
    static readonly EvalTransform Transform = EvalTransform.Create(new DataConfig());

    public static int Run(string folder, int rounds = 20)
    {
        using var peer = Peer.Start("preprocess.py", folder, $"{rounds}");
        // Each side runs twice, in turn, so that what else the machine does meets both.
        var (ours, theirs) = (Measure(folder, rounds), Measure(peer));
        (ours, theirs) = (ours.Best(Measure(folder, rounds)), theirs?.Best(Measure(peer)!));
        Console.WriteLine($"{ours.Images} photos, one thread, best of {2 * rounds}, ms; "
            + (theirs is null ? "alone" : $"peer: {theirs.Name}"));
        Print("decode", ours, theirs, s => s.Decode);
        Print("resize", ours, theirs, s => s.Resize);
        Print("normalise", ours, theirs, s => s.Both - s.Resize);
        Print("resize + normalise", ours, theirs, s => s.Both);
        Print("all", ours, theirs, s => s.All);
        if (theirs is null)
            return 0;
        var equal = (ours.Pixels, ours.Tensors) == (theirs.Pixels, theirs.Tensors);
        Console.WriteLine(equal ? "pixels and tensors are equal" : "PIXELS OR TENSORS DIFFER");
        return equal ? 0 : 1;
    }

    static void Print(string stage, Stages ours, Stages? theirs, Func<Stages, double> time) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{stage,-20}{time(ours),8:F1}")
        + (theirs is null ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{time(theirs),8:F1}  {time(theirs) / time(ours):F2}x")));

    static Stages Measure(string folder, int rounds)
    {
        var paths = Directory.GetFiles(folder, "*.JPEG").Order(StringComparer.Ordinal);
        if (!paths.Any())
            throw new UserException($"There is no *.JPEG in \"{folder}\".");
        var files = paths.Select(File.ReadAllBytes).ToArray();
        var images = files.Select(f => ImageDecoder.Decode(f, "photo")).ToArray();
        var crops = images.Select(i => Transform.Apply(i.View())).ToArray();
        var tensors = images.Select(Tensor).ToArray();
        var tensor = new float[tensors[0].Length];
        return new()
        {
            Images = files.Length,
            Decode = Time(rounds, files, f => ImageDecoder.Decode(f, "photo").Dispose()),
            Resize = Time(rounds, images, i => Transform.Apply(i.View()).Dispose()),
            Both = Time(rounds, images, i => Transform.Apply(i.View(), tensor)),
            All = Time(rounds, files, f => Whole(f, tensor)),
            Pixels = Hash(crops.SelectMany(c => c.ToRgb())),
            Tensors = Hash(tensors.SelectMany(t => MemoryMarshal.AsBytes(t.AsSpan()).ToArray())),
        };
    }

    static void Whole(byte[] file, float[] tensor)
    {
        using var image = ImageDecoder.Decode(file, "photo");
        Transform.Apply(image.View(), tensor);
    }

    static float[] Tensor(Image image)
    {
        var tensor = new float[Transform.Channels * Transform.Height * Transform.Width];
        Transform.Apply(image.View(), tensor);
        return tensor;
    }

    static double Time<T>(int rounds, T[] items, Action<T> work) =>
        Clock.Best(rounds, () => Array.ForEach(items, work));

    static string Hash(IEnumerable<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData([.. bytes]));

    static Stages? Measure(Peer? peer) => peer is null ? null : JsonSerializer.Deserialize<Stages>(peer.Answer());

    /// <summary>Best times in milliseconds over all photos, and hashes of what came out.</summary>
    sealed record Stages
    {
        public string Name { get; init; } = "OnnxTimm";

        public int Images { get; init; }

        public double Decode { get; init; }

        public double Resize { get; init; }

        /// <summary>Resize and normalise, which OnnxTimm does in one.</summary>
        public double Both { get; init; }

        public double All { get; init; }

        public string Pixels { get; init; } = "";

        public string Tensors { get; init; } = "";

        public Stages Best(Stages other) => this with
        {
            Decode = Math.Min(Decode, other.Decode),
            Resize = Math.Min(Resize, other.Resize),
            Both = Math.Min(Both, other.Both),
            All = Math.Min(All, other.All),
        };
    }
}
