using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// From the bytes of photos to a model's input on one thread (bicubic, 224 pixels, centre), against Pillow and NumPy
/// (preprocess.py): <c>preprocess FOLDER [ROUNDS] [PYTHON]</c>. Ends with 1 where a byte differs.
/// </summary>
static class Preprocess
{
    static readonly EvalTransform Transform = EvalTransform.Create(new DataConfig());

    public static int Run(string folder, int rounds = 20, string python = "python3")
    {
        // Each side runs twice, in turn, so that what else the machine does meets both.
        var (ours, theirs) = (Measure(folder, rounds), Peer(python, folder, rounds));
        (ours, theirs) = (ours.Best(Measure(folder, rounds)), theirs.Best(Peer(python, folder, rounds)));
        Console.WriteLine($"{ours.Images} photos, one thread, best of {2 * rounds}, ms; peer: {theirs.Name}");
        Print("decode", ours.Decode, theirs.Decode);
        Print("resize", ours.Resize, theirs.Resize);
        Print("normalise", ours.Both - ours.Resize, theirs.Both - theirs.Resize);
        Print("resize + normalise", ours.Both, theirs.Both);
        Print("all", ours.All, theirs.All);
        var equal = (ours.Pixels, ours.Tensors) == (theirs.Pixels, theirs.Tensors);
        Console.WriteLine(equal ? "pixels and tensors are equal" : "PIXELS OR TENSORS DIFFER");
        return equal ? 0 : 1;
    }

    static void Print(string stage, double ours, double theirs) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{stage,-20}{ours,8:F1}{theirs,8:F1}  {theirs / ours:F2}x"));

    static Stages Measure(string folder, int rounds)
    {
        var paths = Directory.GetFiles(folder, "*.JPEG").Order(StringComparer.Ordinal);
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

    static double Time<T>(int rounds, T[] items, Action<T> work)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var item in items)
                work(item);
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }
        return best.TotalMilliseconds;
    }

    static string Hash(IEnumerable<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData([.. bytes]));

    static Stages Peer(string python, string folder, int rounds)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "preprocess.py");
        var start = new ProcessStartInfo(python, [script, folder, $"{rounds}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        return JsonSerializer.Deserialize<Stages>(process.StandardOutput.ReadToEnd())!;
    }

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
