using System.IO.Compression;
using System.Text.RegularExpressions;
using OnnxTimm.Conversion;
using OnnxTimm.Tests.Conversion;

namespace OnnxTimm.Tests.Library;

/// <summary>The packages in projects outside of the repository: what they refer to is all that they need.</summary>
[TestClass]
[TestCategory("all")]
[DoNotParallelize]
public sealed partial class PackageTests
{
    static readonly string Demo = Path.Combine(Paths.Root, "demo");

    [ClassCleanup]
    public static void Clean() => Packages.Clean();

    /// <summary>Every block of docs/library.md, as it is written, with what it says that a caller has.</summary>
    [TestMethod]
    public void ThePageOfTheLibraryRuns()
    {
        using var packages = new Packages();
        var blocks = Block().Matches(File.ReadAllText(Path.Combine(Paths.Root, "docs", "library.md")))
            .Select(m => m.Groups[1].Value.Split('\n')).ToArray();
        var usings = blocks.SelectMany(lines => lines.Where(IsUsing)).Distinct();
        var methods = blocks.Select((lines, i) => $$"""
            public static async Task Block{{i}}()
            {
                await Task.Yield();
                {{string.Join('\n', lines.Where(line => !IsUsing(line)))}}
            }
            """);
        packages.Project($$"""
            using Microsoft.AspNetCore.Http;
            using Microsoft.Extensions.DependencyInjection;
            {{string.Join('\n', usings)}}

            {{string.Concat(blocks.Select((_, i) => $"await Page.Block{i}();\n"))}}

            static class Page
            {
                static readonly HttpRequest request = new DefaultHttpContext().Request;
                static readonly byte[] frame = new byte[640 * 480 * 3];
                static readonly IServiceCollection services = new ServiceCollection();
                static readonly CancellationToken cancel = CancellationToken.None;
                static readonly IProgress<OnnxTimm.Train.TrainEvent> progress = new Progress<OnnxTimm.Train.TrainEvent>();

                static Page() => request.Body = File.OpenRead("photo.jpg");

                {{string.Join('\n', methods)}}
            }
            """, "", "OnnxTimm", "OnnxTimm.ImageSharp");
        Fill(packages);
        var output = packages.Dotnet("run");
        Assert.StartsWith("black swan, Cygnus atratus 88.7", output);
        Assert.Contains("black swan, Cygnus atratus 88.7%\n", output);
        Assert.Contains("n03796401_moving_van.JPEG moving van", output);
        using var best = Classifier.Open(packages["best.onnx"]);
        Assert.HasCount(10, best.Labels);
    }

    [TestMethod]
    public void EightThreadsAndADownload()
    {
        using var hub = new HubServer();
        using var packages = new Packages();
        Fill(packages);
        using (var loaded = ModelLoader.Load(new("test_resnet")))
            SafetensorsWriter.Write(packages["w.safetensors"],
                [.. loaded.Model.Graph.Weights.Select(w => KeyValuePair.Create(w.Name, w.Data!))]);
        hub.Add("timm/test_resnet.r160_in1k/resolve/main/model.safetensors", File.ReadAllBytes(packages["w.safetensors"]));
        packages.Project("""
            using OnnxTimm;
            using OnnxTimm.Conversion;

            using var model = Classifier.Open("model_best.onnx");
            var expected = model.ClassifyAll(Directory.EnumerateFiles("photos")).ToArray();
            var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
            {
                foreach (var (file, predictions) in expected)
                    if (!model.Classify(file).SequenceEqual(predictions))
                        throw new InvalidOperationException(file);
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            var bytes = new Bytes();
            using var loaded = await Classifier.CreateAsync("test_resnet", "r160_in1k", progress: bytes);
            Console.WriteLine($"{loaded.Classify("photo.jpg").Length} {bytes.Done}");

            sealed class Bytes : IProgress<DownloadProgress>
            {
                public long Done { get; private set; }

                public void Report(DownloadProgress value) => Done = value.Done;
            }
            """, "", "OnnxTimm");
        packages.Dotnet("build", "-v", "quiet");
        var program = Directory.GetFiles(packages["bin"], "Program.dll", SearchOption.AllDirectories).Single();
        var output = packages.Run("dotnet", [program], ("HF_ENDPOINT", hub.Address.ToString()),
            ("HF_HOME", packages["cache"]), ("HF_HUB_CACHE", ""), ("HF_HUB_OFFLINE", ""));
        Assert.AreEqual($"5 {new FileInfo(packages["w.safetensors"]).Length}\n", output);
        Assert.IsEmpty(Directory.GetFiles(packages["bin"], "*CommandLine*.dll", SearchOption.AllDirectories));
    }

    [TestMethod]
    public void ItRunsCompiledAheadOfTime()
    {
        using var packages = new Packages();
        Fill(packages);
        packages.Project("""
            using OnnxTimm;

            using var model = Classifier.Open("model_best.onnx");
            Console.WriteLine(model.Classify("photo.jpg")[0]);
            Console.WriteLine(model.Embed("photo.jpg").Length);
            """, "<PublishAot>true</PublishAot><InvariantGlobalization>true</InvariantGlobalization>", "OnnxTimm");
        packages.Dotnet("publish", "-o", "out", "-v", "quiet");
        Assert.AreEqual("black swan, Cygnus atratus 88.7%\n1280\n",
            packages.Run(packages[Path.Combine("out", "Program")], []));
    }

    [TestMethod]
    public void TheToolIsInstalled()
    {
        using var packages = new Packages();
        packages.Dotnet("tool", "install", "OnnxTimm.Tool", "--tool-path", "tools", "--version", Packages.Version);
        Assert.HasCount(5, packages.Run(packages[Path.Combine("tools", "onnxtimm")],
            ["list", "--module", "cifar_resnet"]).TrimEnd('\n').Split('\n'));
        // A file of the library's own is what the program reads.
        Fill(packages);
        Assert.Contains("\"black swan, Cygnus atratus\"", packages.Run(packages[Path.Combine("tools", "onnxtimm")],
            ["infer", "-m", "model_best.onnx", "--data-dir", "photo.jpg", "--json"]));
    }

    [TestMethod]
    public void EachPackageSaysWhatItIs()
    {
        foreach (var file in Directory.GetFiles(Packages.Path(), "*.nupkg"))
        {
            using var package = ZipFile.OpenRead(file);
            foreach (var entry in (string[])["README.md", "LICENSE", "NOTICE", "icon.png"])
                Assert.IsNotNull(package.GetEntry(entry), $"{file}: {entry}");
            using var nuspec = new StreamReader(package.Entries.Single(e => e.Name.EndsWith(".nuspec",
                StringComparison.Ordinal)).Open());
            var text = nuspec.ReadToEnd();
            Assert.Contains("<license type=\"expression\">Apache-2.0</license>", text);
            Assert.IsFalse(Regex.IsMatch(text, "CommandLineParser|YamlDotNet|ScottPlot|Spectre"), file);
            Assert.DoesNotContain("id=\"OnnxTimm.Core\"", text);
        }
        using var managed = ZipFile.OpenRead(Packages.Path($"OnnxTimm.Managed.{Packages.Version}.nupkg"));
        using var symbols = ZipFile.OpenRead(Packages.Path($"OnnxTimm.Managed.{Packages.Version}.snupkg"));
        var parts = managed.Entries.Where(e => e.Name.EndsWith(".dll", StringComparison.Ordinal)).ToArray();
        Assert.HasCount(10, parts);
        foreach (var part in parts)
        {
            Assert.IsNotNull(managed.GetEntry(Path.ChangeExtension(part.FullName, ".xml")), part.Name);
            Assert.IsNotNull(symbols.GetEntry(Path.ChangeExtension(part.FullName, ".pdb")), part.Name);
        }
    }

    static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=');

    /// <summary>The files that the page names.</summary>
    static void Fill(Packages folder)
    {
        var weights = Path.Combine(Demo, "tf_efficientnet_lite0.safetensors");
        File.Copy(weights, folder["tf_efficientnet_lite0.safetensors"]);
        using (var loaded = ModelLoader.Load(ModelRequest.Of("tf_efficientnet_lite0", weights)))
            loaded.Export(folder["model_best.onnx"]);
        Directory.CreateDirectory(folder["photos"]);
        foreach (var photo in Directory.GetFiles(Path.Combine(Demo, "photos")))
            File.Copy(photo, Path.Combine(folder["photos"], Path.GetFileName(photo)));
        Directory.CreateDirectory(folder["data"]);
        foreach (var split in (string[])["train.tar", "val.tar"])
            File.Copy(Path.Combine(Demo, "sign-digits", split), Path.Combine(folder["data"], split));
        foreach (var name in (string[])["photo.jpg", "a.jpg", "b.jpg"])
            File.Copy(Path.Combine(Demo, "photos", "n01860187_black_swan.JPEG"), folder[name]);
    }

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
