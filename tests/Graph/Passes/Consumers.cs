using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Passes;

/// <summary>Programs of others that read the files of a folder; without them the test is skipped with a word.</summary>
static class Consumers
{
    const string Checker = """
        import glob, onnx, sys
        for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
            try:
                onnx.checker.check_model(path, full_check=True)
            except Exception as e:
                print(path, str(e).split("\n")[0])
        """;

    const string OpenCv = """
        import glob, sys, cv2, numpy
        for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
            at = path[:-4]
            try:
                net = cv2.dnn.readNetFromONNX(path)
                shape = [int(n) for n in open(at + "shape").read().split()]
                net.setInput(numpy.fromfile(at + "in", numpy.float32).reshape(shape))
                net.forward().astype(numpy.float32).tofile(at + "out")
            except Exception as e:
                print(path, " ".join(str(e).split()))
        """;

    static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>
    /// Writes a graph beside an input, for the programs that run it: NAME.onnx, NAME.in, NAME.shape.
    /// </summary>
    public static void Put(TempFolder folder, string name, Graph graph, float[] input)
    {
        OnnxFile.Write(graph, folder[$"{name}.onnx"]);
        File.WriteAllBytes(folder[$"{name}.in"], MemoryMarshal.AsBytes<float>(input).ToArray());
        File.WriteAllText(folder[$"{name}.shape"],
            string.Join(' ', graph.Inputs.Single().Shape.Select(d => d.IsFixed ? d.Size : 1)));
    }

    /// <summary>What a program gave for it.</summary>
    public static float[] Got(TempFolder folder, string name) =>
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder[$"{name}.out"])).ToArray();

    /// <summary>The files of a folder are run by OpenCV's dnn (Debian's python3-opencv).</summary>
    public static void RunInOpenCv(string folder)
    {
        if (Run(Python, ".", "-c", "import cv2, numpy") is not (0, _))
            Assert.Inconclusive("Skipped: there is no Python with the package cv2.");
        Assert.AreEqual((0, ""), Run(Python, ".", "-c", OpenCv, folder));
    }

    /// <summary>The files of a folder are run by a release of ONNX Runtime from npm (consumer/runtimes).</summary>
    /// <param name="folder">The files, with their inputs.</param>
    /// <param name="package">Its name in package.json.</param>
    public static void RunInNode(string folder, string package) =>
        Assert.AreEqual((0, ""), Run("node", Installed("runtimes", package), "run.cjs", package, folder));

    /// <summary>The files are valid by ONNX's own checker (Debian's python3-onnx).</summary>
    public static void Check(string folder)
    {
        if (Run(Python, ".", "-c", "import onnx") is not (0, _))
            Assert.Inconclusive("Skipped: there is no Python with the package onnx.");
        Assert.AreEqual((0, ""), Run(Python, ".", "-c", Checker, folder));
    }

    /// <summary>The files are loaded by npm's onnxruntime-node (tests/consumer/onnxruntime-node).</summary>
    public static void LoadInNode(string folder) => Assert.AreEqual((0, ""),
        Run("node", Installed("onnxruntime-node", "onnxruntime-node"), "load.mjs", folder));

    /// <summary>The events of a file as JSON, read by npm's tfrecord and protobufjs (consumer/tensorboard).</summary>
    public static string ReadEvents(string file)
    {
        var (code, output) = Run("node", Installed("tensorboard", "tfrecord"), "read.mjs", file);
        Assert.AreEqual(0, code, output);
        return output;
    }

    /// <summary>npm begins by removing what is there: one test at a time.</summary>
    static readonly Lock Installing = new();

    /// <summary>A copy of a program of tests/consumer, with its packages.</summary>
    static string Installed(string name, string package)
    {
        var program = Path.Combine(Paths.Root, "artifacts", "consumer", name);
        lock (Installing)
        {
            Directory.CreateDirectory(program);
            foreach (var file in Directory.GetFiles(Path.Combine(Paths.Root, "tests", "consumer", name)))
                File.Copy(file, Path.Combine(program, Path.GetFileName(file)), overwrite: true);
            if (!Directory.Exists(Path.Combine(program, "node_modules", package))
                && Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", program, "ci", "--ignore-scripts", "--no-audit",
                    "--no-fund") is not (0, _))
                Assert.Inconclusive("Skipped: there is no Node 20, or its packages cannot be fetched.");
        }
        return program;
    }

    /// <summary>Exit code and output; the code -1 where there is no such program.</summary>
    static (int Code, string Output) Run(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : output + error.Result);
        }
        catch (Win32Exception)
        {
            return (-1, "");
        }
    }
}
