using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Attacks;

/// <summary>Sets of options for the verbs that need no training: a result, or one line that says what is wrong.</summary>
[TestClass]
public sealed class OptionAttackTests
{
    static readonly string[] Values =
    [
        "0", "1", "2", "3", "-1", "7", "16", "18", "26", "31", "32", "64", "0.5", "0,5", "1,5", "nan", "inf", "1e400",
        "99999999999", "", " ", "abc", "max", "fast", "avg", "resnet18", "../victim", ".", "*", "a=b", "--", "--help",
    ];

    static readonly string[] Flags =
    [
        "--num-classes", "--img-size", "--in-chans", "--gp", "--opset", "--batch-size", "--topk", "--format", "--seed",
        "--input-size", "--use-ema", "--checkpoint", "--no-fold", "--fp16", "--nothing",
        "--allow-missing", "--allow-unexpected", "--symbol", "--output-type", "--labels", "--workers", "--nonsense",
    ];

    [TestMethod]
    public void SetsOfOptions()
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Zoo.Build("cifar_resnet20").Graph, folder["net.onnx"]);
        var image = Paths.Golden("images", "files", "rgb.png");
        Attack.Run("options", 500, (random, inside) =>
        {
            string[][] verbs =
            [
                ["list"], ["info", "cifar_resnet20"], ["info"], ["nonsense"], [],
                ["export", "cifar_resnet20", "--output", Path.Combine(inside, "x.onnx")],
                ["convert", folder["net.onnx"], "--model", "cifar_resnet20", "--output", Path.Combine(inside, "x.onnx")],
                ["infer", "--model", folder["net.onnx"], "--data-dir", image, "--results-file",
                    Path.Combine(inside, "r.csv")],
            ];
            string[] args = [.. verbs[random.Next(verbs.Length)], .. Options(random)];
            var (code, _, error) = Cli.Cli.Run(args);
            var line = string.Join(' ', args);
            Assert.IsTrue(code is 0 or 1 or 2, $"{line}: exit code {code}");
            Assert.DoesNotContain("   at OnnxTimm", error, line);
            Assert.IsTrue(code != 1 || error.Length > 0, $"{line}: no message");
        });
    }

    static IEnumerable<string> Options(Random random)
    {
        for (var count = random.Next(4); count > 0; count--)
        {
            yield return Flags[random.Next(Flags.Length)];
            for (var values = random.Next(3); values > 0; values--)
                yield return Values[random.Next(Values.Length)];
        }
    }
}
