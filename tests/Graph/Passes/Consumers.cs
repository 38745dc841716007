using System.ComponentModel;
using System.Diagnostics;

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

    /// <summary>The files are valid by ONNX's own checker (Debian's python3-onnx).</summary>
    public static void Check(string folder)
    {
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        if (Run(python, ".", "-c", "import onnx") is not (0, _))
            Assert.Inconclusive("Skipped: there is no Python with the package onnx.");
        Assert.AreEqual((0, ""), Run(python, ".", "-c", Checker, folder));
    }

    /// <summary>The files are loaded by npm's onnxruntime-node (tests/consumer/onnxruntime-node).</summary>
    public static void LoadInNode(string folder)
    {
        var program = Path.Combine(Paths.Root, "artifacts", "consumer", "onnxruntime-node");
        Directory.CreateDirectory(program);
        foreach (var file in Directory.GetFiles(Path.Combine(Paths.Root, "tests", "consumer", "onnxruntime-node")))
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)), overwrite: true);
        if (!Directory.Exists(Path.Combine(program, "node_modules", "onnxruntime-node"))
            && Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", program, "ci", "--ignore-scripts", "--no-audit",
                "--no-fund") is not (0, _))
            Assert.Inconclusive("Skipped: there is no Node 20, or its packages cannot be fetched.");
        Assert.AreEqual((0, ""), Run("node", program, "load.mjs", folder));
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
