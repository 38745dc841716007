using System.Text.Json;
using OnnxTimm.Tests.Edge;

namespace OnnxTimm.Tests.Attacks;

/// <summary>Folders of mutated images for onnxtimm-run: each file has one line, an answer or what is wrong.</summary>
[TestClass]
public sealed class RunnerAttackTests
{
    const int Files = 10;

    [TestMethod]
    public void MutatedFolders()
    {
        using var made = new TempFolder();
        Cli.Cli.Output("export", "cifar_resnet20", "--output", made["m.onnx"]);
        string[] seeds = [.. ((string[])["files", "jpeg", "png"]).SelectMany(folder =>
            Directory.GetFiles(Paths.Golden("images", folder)))
            .Where(file => Path.GetExtension(file) is ".jpg" or ".png").Order(StringComparer.Ordinal)];
        Attack.Run("runner", 2_000, (random, folder) =>
        {
            for (var i = 0; i < Files; i++)
            {
                var seed = seeds[random.Next(seeds.Length)];
                File.WriteAllBytes(Path.Combine(folder, $"{i}{Path.GetExtension(seed)}"),
                    Mutation.Of(File.ReadAllBytes(seed), random));
            }
            var (code, output, error) = EdgeRun.Run(made["m.onnx"], folder, "--format", "jsonl", "--threads", "1");
            var (answers, faults) = (Lines(output), Lines(error));
            Assert.AreEqual(faults.Length == 0 ? 0 : 1, code);
            CollectionAssert.AreEquivalent(Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).ToArray(),
                answers.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("filename").GetString())
                    .Concat(faults.Select(line => line.Split(' ')[1])).ToArray());
        });
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
