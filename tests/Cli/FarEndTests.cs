using System.Reflection;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Attacks;

namespace OnnxTimm.Tests.Cli;

/// <summary>Whole numbers at the ends of what can be written: a result or one message of the option's own.</summary>
[TestClass]
public sealed class FarEndTests
{
    /// <summary>What would be done so often that nobody sees the end.</summary>
    static readonly string[] Endless = ["epochs", "num-bench-iter", "num-warm-iter"];

    readonly TempFolder folder = new();

    [TestInitialize]
    public void MakeFiles()
    {
        TinyRun.WriteImages(folder["set"]);
        OnnxFile.Write(Zoo.Build("test_resnet", new() { ImgSize = (32, 32) }).Graph, folder["n.onnx"]);
    }

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    [DataRow("list", "list")]
    [DataRow("info", "info test_resnet")]
    [DataRow("export", "export test_resnet --output {0}/x.onnx")]
    [DataRow("convert", "convert {0}/n.onnx --output {0}/x.safetensors")]
    [DataRow("convert", "convert {0}/n.onnx --model test_resnet --output {0}/x.onnx")]
    [DataRow("artifacts", "artifacts test_resnet --output {0}/a")]
    [DataRow("infer", "infer --model test_resnet --data-dir {0}/set/val --input-key .bmp")]
    [DataRow("infer", "infer --model {0}/n.onnx --data-dir {0}/set/val --input-key .bmp")]
    [DataRow("validate", "validate --model test_resnet --data-dir {0}/set/val --input-key .bmp")]
    [DataRow("benchmark", "benchmark --model test_resnet --img-size 32 --batch-size 1 --num-bench-iter 1 "
        + "--num-warm-iter 0")]
    [DataRow("train", "train --model test_resnet --data-dir {0}/set --val-split val --input-key .bmp --img-size 32 "
        + "--batch-size 4 --epochs 1 --warmup-epochs 0 --workers 1 --output {0}")]
    public void EveryWholeNumberHasAnAnswer(string verb, string line)
    {
        var flags = Verbs[verb].GetProperties().Where(p => IsWhole(p.PropertyType))
            .Select(p => p.GetCustomAttribute<OptionAttribute>()?.LongName).OfType<string>();
        var words = string.Format(null, line, folder[""].TrimEnd('/')).Split(' ');
        foreach (var flag in flags)
            foreach (var end in new[] { int.MinValue, DataConfig.LargestSide, 100_000_000, int.MaxValue })
                if (end < 0 || !Endless.Contains(flag) && (end == int.MaxValue || flag is "num-classes" or "img-size"))
                    Attempt.Run([.. words, $"--{flag}", .. Enumerable.Repeat($"{end}", flag == "input-size" ? 3 : 1)]);
    }

    [TestMethod]
    public void ClassesThatNoMemoryHoldsAreOneMessage() => StringAssert.Contains(
        Cli.Run("train", "--model", "test_resnet", "--data-dir", folder["set"], "--val-split", "val",
            "--input-key", ".bmp", "--img-size", "32", "--batch-size", "4", "--num-classes", "100000000",
            "--output", folder["out"]).Error,
        "onnxtimm: \"fc.weight\" [100000000, ");

    static Dictionary<string, Type> Verbs => typeof(IVerb).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && typeof(IVerb).IsAssignableFrom(t))
        .ToDictionary(t => t.Name[..^"Verb".Length].ToLowerInvariant());

    static bool IsWhole(Type type) => (type.IsGenericType ? type.GenericTypeArguments[0] : type) == typeof(int);
}
