using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Verbs;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>The recipes of docs/recipes are taken as they are, and train.</summary>
[TestClass]
public sealed class RecipeTests
{
    static readonly string Folder = Path.Combine(Paths.Root, "docs", "recipes");

    public static IEnumerable<object[]> Recipes => Directory.GetFiles(Folder).Order(StringComparer.Ordinal)
        .Select(file => new object[] { Path.GetFileNameWithoutExtension(file) });

    [TestMethod]
    [DynamicData(nameof(Recipes))]
    public void ItIsTakenUnchangedAndSaysWhereItComesFrom(string name)
    {
        var file = Path.Combine(Folder, $"{name}.yaml");
        using var said = new StringWriter();
        var row = VerbRow.All.Single(v => v.Name == "train");
        var verb = (TrainVerb)row.Parse(row, ["--config", file], new(TextWriter.Null, said))!;
        verb.Check();
        Assert.AreEqual("", said.ToString());
        Assert.AreEqual(verb.Model, Zoo.Resolve(verb.Model).Architecture);
        StringAssert.Contains(File.ReadAllText(file), "# Source: ");
        StringAssert.Contains(File.ReadAllText(Path.Combine(Folder, "..", "recipes.md")), $"(recipes/{name}.yaml)");
        StringAssert.Contains(OptionFiles.Write(verb), $"\nmodel: {verb.Model}\n");
    }

    /// <summary>A short run on few small images, at a rate for its small batches: the loss falls.</summary>
    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Recipes))]
    public void AShortRunLearns(string name)
    {
        using var folder = new TempFolder();
        var (code, _, error) = Cli.Run("train", "--config", Path.Combine(Folder, $"{name}.yaml"),
            "--data-dir", Path.Combine(Paths.Root, "demo", "sign-digits"), "--train-split", "val", "--val-split", "",
            "--model", name is "deit" or "swin" ? "test_vit" : "test_resnet", "--img-size", "64", "--epochs", "6",
            "--train-num-samples", "84", "--batch-size", "28", "--grad-accum-steps", "1", "--lr", "0.004",
            "--warmup-epochs", "1", "--log-interval", "100", "--output", folder["out"], "--experiment", "run");
        Assert.AreEqual(0, code, error);
        var losses = File.ReadLines(Path.Combine(folder["out"], "run", "summary.csv")).Skip(1)
            .Select(line => double.Parse(line.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))
            .ToArray();
        Assert.IsTrue(losses.All(double.IsFinite));
        Assert.IsLessThan(losses[0], losses[^2..].Average(), string.Join(" ", losses));
    }
}
