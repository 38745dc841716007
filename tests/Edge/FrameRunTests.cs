using System.Diagnostics;
using System.Runtime.InteropServices;
using OnnxTimm.Data;
using OnnxTimm.Edge;

namespace OnnxTimm.Tests.Edge;

/// <summary>Frames on standard input.</summary>
[TestClass]
public sealed partial class FrameRunTests
{
    const int Width = 64, Height = 48;

    static readonly TempFolder Folder = new();

    static readonly string Model = Export("r20.onnx");

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    /// <summary>A frame is what its pixels are, decoded by the definition in float64, as an image file.</summary>
    [TestMethod]
    [DataRow("rgb24", "limited", "")]
    [DataRow("bgr24", "limited", "")]
    [DataRow("gray", "limited", "")]
    [DataRow("nv12", "limited", "")]
    [DataRow("nv12", "full", "")]
    [DataRow("yuyv", "limited", "")]
    [DataRow("yuyv", "full", "")]
    [DataRow("nv12", "full", "5,3,41,37")]
    [DataRow("yuyv", "limited", "7,2,30,44")]
    [DataRow("bgr24", "limited", "1,1,50,40")]
    public void FramesAreTheirFormula(string format, string range, string crop)
    {
        string[] flags = [Model, "--raw", $"{Width}x{Height}", format, "--range", range];
        var settings = Flags.Parse(crop.Length == 0 ? flags : [.. flags, "--crop", crop]);
        var bytes = Noise((int)Frame.SizeOf(settings.Raw!.Value.Format, Width, Height), 5);
        using var image = new Frame(bytes, settings.Raw.Value.Format, Width, Height, range: settings.Range).ToImage();
        foreach (var (i, value) in image.ToRgb().Index())
            Assert.AreEqual(Pixel(bytes, format, range == "full", i / 3 % Width, i / 3 / Width)[i % 3], value,
                Tolerances.Get("data/bt601"));
        using var network = Network.Open(settings);
        network.Take(new Frame(bytes, settings.Raw.Value.Format, Width, Height, range: settings.Range));
        var (x, y, width, height) = settings.Crop ?? (0, 0, Width, Height);
        using var session = OnnxTimm.Infer.Session.Open(Model);
        var expected = new float[3 * 32 * 32];
        EvalTransform.Create(OnnxTimm.Infer.ModelCard.Read(session.Metadata, Model)!.Preprocess)
            .Apply(image.View().Crop(x, y, width, height), expected);
        CollectionAssert.AreEqual(expected, network.Input<float>().ToArray());
    }

    [TestMethod]
    public void EachFrameHasItsLineAndEveryTakesSome()
    {
        var frames = Noise(Width * Height * 3 * 5, 9);
        string[] flags = [Model, "--raw", $"{Width}x{Height}", "rgb24"];
        var all = EdgeRun.Lines(frames, flags);
        CollectionAssert.AreEqual((string[])["0", "1", "2", "3", "4"], all.Select(l => l.Split('\t')[0]).ToArray());
        CollectionAssert.AreEqual((string[])[all[0], all[2], all[4]],
            EdgeRun.Lines(frames, [.. flags, "-", "--every", "2"]));
        Assert.AreEqual("frame,index,label,prob,logit", EdgeRun.Lines(frames, [.. flags, "--format", "csv"])[0]);
        Assert.StartsWith("{\"frame\":0,", EdgeRun.Lines(frames, [.. flags, "--format", "jsonl"])[0]);
    }

    [TestMethod]
    public void AFrameThatIsCutShortIsSaidBehindTheOthers()
    {
        var (code, output, error) = EdgeRun.Run(Noise(Width * Height + 7, 1), Model, "--raw", $"{Width}x{Height}", "gray");
        Assert.AreEqual(1, code);
        Assert.StartsWith("0\t", output);
        Assert.Contains("Frame 1 is cut short: 7 bytes of 64x48 pixels Gray8, which are 3072.", error);
    }

    /// <summary>Also where colours become gray first, where Pillow's vertical pass is first, and in half precision.</summary>
    [TestMethod]
    [DataRow("r20.onnx", "text", "0,0,64,48")]
    [DataRow("r20.onnx", "csv", "0,0,64,48")]
    [DataRow("r20.onnx", "jsonl", "1,0,33,48")]
    [DataRow("gray.onnx", "jsonl", "0,0,64,48", "--in-chans", "1")]
    [DataRow("squash.onnx", "text", "0,0,20,48", "--crop-mode", "squash")]
    [DataRow("half.onnx", "text", "0,0,64,48", "--dtype", "float16", "--half-io")]
    [DataRow("features.onnx", "jsonl", "0,0,64,48", "--num-classes", "0")]
    [DataRow("raw.onnx", "csv", "0,0,64,48", "--embed-preprocess")]
    public void AFrameAllocatesNothing(string file, string format, string crop, params string[] options)
    {
        const int warm = 40, frames = 100;
        var isSquash = options.Contains("squash");
        string[] flags = [Export(file, isSquash ? [] : options), "--raw", $"{Width}x{Height}", "nv12", "--format", format,
            "--crop", crop, "--threads", "1", "--topk", "3", .. isSquash ? options : []];
        var size = (int)Frame.SizeOf(PixelFormat.Nv12, Width, Height);
        using var input = new Counted(Noise(size, 3), warm, frames);
        using var run = new Run(Flags.Parse(flags), Stream.Null, TextWriter.Null, new(default));
        Assert.AreEqual(0, run.All(input, CancellationToken.None));
        Assert.AreEqual(0, input.Allocated, $"bytes in {frames} frames");
    }

    /// <summary>SIGTERM ends a program that waits for a frame, with the answers that it has given.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow(15)]
    [DataRow(2)]
    public void ASignalEndsItBetweenFrames(int signal)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "onnxtimm-run"),
            [Model, "--raw", $"{Width}x{Height}", "gray"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.BaseStream.Write(Noise(Width * Height, 4));
        process.StandardInput.BaseStream.Flush();
        Assert.StartsWith("0\t", process.StandardOutput.ReadLine());
        // It reads the next frame, of which a part is there.
        process.StandardInput.BaseStream.Write(new byte[100]);
        process.StandardInput.BaseStream.Flush();
        Thread.Sleep(50);
        Assert.AreEqual(0, Kill(process.Id, signal));
        Assert.IsTrue(process.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.AreEqual(130, process.ExitCode);
    }

    static string Export(string file, params string[] options)
    {
        if (!File.Exists(Folder[file]))
            Cli.Cli.Output(["export", "cifar_resnet20", "--output", Folder[file], .. options]);
        return Folder[file];
    }

    static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>BT.601 as the standard has it: limited is Y' = 16 + 219 y, C = 128 + 224 c; full is JFIF's.</summary>
    static double[] Pixel(byte[] bytes, string format, bool isFull, int x, int y)
    {
        var at = y * Width + x;
        switch (format)
        {
            case "rgb24": return [bytes[3 * at], bytes[3 * at + 1], bytes[3 * at + 2]];
            case "bgr24": return [bytes[3 * at + 2], bytes[3 * at + 1], bytes[3 * at]];
            case "gray": return [bytes[at], bytes[at], bytes[at]];
        }
        var (luma, cb, cr) = format == "yuyv"
            ? (bytes[2 * at], bytes[4 * (at / 2) + 1], bytes[4 * (at / 2) + 3])
            : (bytes[at], bytes[Width * Height + y / 2 * Width + x / 2 * 2],
                bytes[Width * Height + y / 2 * Width + x / 2 * 2 + 1]);
        var light = isFull ? luma / 255.0 : (luma - 16) / 219.0;
        var (blue, red) = isFull ? ((cb - 128) / 255.0, (cr - 128) / 255.0) : ((cb - 128) / 224.0, (cr - 128) / 224.0);
        const double kr = 0.299, kb = 0.114, kg = 1 - kr - kb;
        static double Byte(double value) => Math.Clamp(255 * value, 0, 255);
        return
        [
            Byte(light + 2 * (1 - kr) * red),
            Byte(light - 2 * (1 - kb) * kb / kg * blue - 2 * (1 - kr) * kr / kg * red),
            Byte(light + 2 * (1 - kb) * blue),
        ];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    /// <summary>The same frame again and again, and what its reader allocates after the first ones.</summary>
    sealed class Counted(byte[] frame, int warm, int count) : MemoryStream
    {
        int given;
        long before;

        public long Allocated { get; private set; } = -1;

        public override int Read(Span<byte> buffer)
        {
            if (given == warm)
                before = GC.GetAllocatedBytesForCurrentThread();
            if (given == warm + count)
            {
                Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                return 0;
            }
            frame.CopyTo(buffer);
            // Classes change from frame to frame.
            buffer[given % buffer.Length] = (byte)given;
            given++;
            return frame.Length;
        }
    }
}
