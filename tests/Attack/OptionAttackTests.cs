using System.Reflection;
using CommandLine;
using OnnxTimm.Cli.Verbs;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Attacks;

/// <summary>Sets of options for every command: a result, or one line that says what is wrong.</summary>
[TestClass]
public sealed class OptionAttackTests
{
    static readonly string[] Values =
    [
        "0", "1", "2", "3", "-1", "7", "16", "18", "26", "31", "32", "64", "0.5", "0,5", "1,5", "nan", "inf", "1e400",
        "100000000", "2147483647", "-2147483648", "99999999999", "", " ", "abc", "max", "fast", "avg", "lamb", "agc",
        "resnet18", "../victim", ".", "*", "a=b", "eps=-1", "momentum=9", "--", "--help", ".bmp", "all", "poly", "step",
    ];

    /// <summary>Flags that name a place to write to, whose value is somebody's wish.</summary>
    static readonly string[] Places = ["--output", "--experiment", "--results-file", "--report"];

    static readonly string[] Strangers = ["--nothing", "--nonsense", "-x", "--sync-bn", "--channels-last"];

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void SetsOfOptions()
    {
        TinyRun.WriteImages(folder["set"]);
        OnnxFile.Write(Zoo.Build("cifar_resnet20").Graph, folder["net.onnx"]);
        Attack.Run("options", 500, (random, inside) =>
        {
            var (verb, flags, rest) = Any(Commands(inside), random);
            string[] args = [verb, .. Options(flags, random), .. rest];
            Attempt.Run([.. args.Where(a => a.Length > 0)]);
        });
    }

    /// <summary>args.yaml and other files of options, damaged.</summary>
    [TestMethod]
    public void MutatedOptionFiles()
    {
        var yaml = System.Text.Encoding.UTF8.GetBytes(OptionFiles.Write(new() { OptKwargs = ["eps=1e-8"] }));
        Attack.Run("yaml", 500, (random, inside) =>
        {
            var path = Path.Combine(inside, "args.yaml");
            File.WriteAllBytes(path, Mutation.Of(yaml, random));
            OptionFiles.Read(path, new());
        });
    }

    /// <summary>A verb, the flags that it has, and the words behind those that are chosen.</summary>
    (string Verb, string[] Flags, string[] Words)[] Commands(string inside)
    {
        var (onnx, results) = (Path.Combine(inside, "x.onnx"), Path.Combine(inside, "r.csv"));
        string[] infer = Flags(typeof(InferVerb)), validate = Flags(typeof(ValidateVerb));
        string[] data = ["--model", folder["net.onnx"], "--data-dir", folder["set/val"], "--input-key", ".bmp",
            "--results-file", results];
        var train = TinyRun.Arguments(folder["set"], inside, 1)[1..];
        return
        [
            ("list", Flags(typeof(ListVerb)), []),
            ("info", Flags(typeof(InfoVerb)), ["cifar_resnet20"]),
            ("nonsense", infer, []),
            ("", validate, []),
            ("export", Flags(typeof(ExportVerb)), ["--model", "cifar_resnet20", "--output", onnx]),
            ("convert", Flags(typeof(ConvertVerb)),
                [folder["net.onnx"], "--model", "cifar_resnet20", "--output", onnx]),
            ("artifacts", Flags(typeof(ArtifactsVerb)), ["--model", "cifar_resnet20", "--output", inside]),
            ("infer", infer, data),
            ("infer", infer, ["--model", "test_resnet", .. data[2..]]),
            ("validate", validate, data),
            ("validate", validate, ["--model", "test_resnet", .. data[2..]]),
            ("benchmark", Flags(typeof(BenchmarkVerb)),
                ["--model", "test_resnet", "--num-bench-iter", "1", "--num-warm-iter", "0", "--results-file", results]),
            ("train", Flags(typeof(TrainVerb)), [.. train, "--cooldown-epochs", "0", "--lr-cycle-limit", "1"]),
        ];
    }

    static string[] Flags(Type verb) => [.. verb.GetProperties()
        .Select(p => p.GetCustomAttribute<OptionAttribute>()?.LongName).OfType<string>().Select(name => $"--{name}")
        .Except(Places), .. Strangers];

    static IEnumerable<string> Options(string[] flags, Random random)
    {
        for (var count = random.Next(5); count > 0; count--)
        {
            yield return Any(flags, random);
            for (var values = random.Next(3); values > 0; values--)
                yield return Any(Values, random);
        }
    }

    static T Any<T>(T[] list, Random random) => list[random.Next(list.Length)];
}
