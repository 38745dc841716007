using System.Text.RegularExpressions;
using OnnxTimm.Conversion;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>For the same network and options, our set and the library's are the same to the runtime.</summary>
[TestClass]
public sealed class GoldenSetTests
{
    [TestMethod]
    public void TheSetForAdamWIsTheLibrarys()
    {
        var set = GoldenSet.Of(GoldenSet.AdamW);
        SameInterface(GoldenSet.Library("training_model.onnx"), Written(set.Training));
        SameInterface(GoldenSet.Library("eval_model.onnx"), Written(set.Eval));
        SameInterface(GoldenSet.Library("optimizer_model.onnx"), Written(set.Optimizer));
        SameNodes(GoldenSet.Library("optimizer_model.onnx"), Written(set.Optimizer));
    }

    /// <summary>
    /// The shape of the output is not declared: the runtime's build for the web dies of the library's.
    /// </summary>
    [TestMethod]
    public void TheOptimizerForSgdIsTheLibrarysButForAShape()
    {
        var (golden, ours) = (GoldenSet.Library("optimizer_model.sgd.onnx"),
            Written(GoldenSet.Of(GoldenSet.Sgd).Optimizer));
        CollectionAssert.AreEqual(golden.Inputs.Select(Text).ToArray(), ours.Inputs.Select(Text).ToArray());
        CollectionAssert.AreEqual(golden.Outputs.Select(v => $"{Plain(v.Name)} {v.Type}").ToArray(),
            ours.Outputs.Select(v => $"{Plain(v.Name)} {v.Type}").ToArray());
        Assert.IsFalse(ours.Outputs[0].Shape.IsKnown);
        SameNodes(golden, ours);
    }

    [TestMethod]
    public void TheCheckpointIsTheLibrarys()
    {
        using var folder = new TempFolder();
        GoldenSet.Of(GoldenSet.AdamW).Write(folder["set"]);
        using var golden = OrtCheckpoint.Read(Paths.Golden("ort-training", "checkpoint"));
        using var ours = OrtCheckpoint.Read(Path.Combine(folder["set"], "checkpoint"));
        CollectionAssert.AreEqual(golden.Trainable.Select(Content).ToArray(), ours.Trainable.Select(Content).ToArray());
        CollectionAssert.AreEqual(golden.Frozen.Select(Content).ToArray(), ours.Frozen.Select(Content).ToArray());
        Assert.IsNull(ours.Optimizer);
        Assert.IsEmpty(ours.Properties);
    }

    [TestMethod]
    public void FilesAreNamedAsTheLibraryNamesThem()
    {
        using var folder = new TempFolder();
        GoldenSet.Of(GoldenSet.Sgd with { Nominal = true }).Write(folder["set"], "my_");
        CollectionAssert.AreEqual(
            new[] { "my_eval_model.onnx", "my_nominal_checkpoint", "my_optimizer_model.onnx", "my_reference.json",
                "my_training_model.onnx" },
            Directory.GetFiles(folder["set"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
    }

    static Graph Written(Graph graph) => OnnxFile.Read(OnnxFile.ToBytes(graph));

    static void SameInterface(Graph golden, Graph ours)
    {
        CollectionAssert.AreEqual(golden.Inputs.Select(Text).ToArray(), ours.Inputs.Select(Text).ToArray());
        CollectionAssert.AreEqual(golden.Outputs.Select(Text).ToArray(), ours.Outputs.Select(Text).ToArray());
    }

    static void SameNodes(Graph golden, Graph ours) =>
        CollectionAssert.AreEqual(golden.Nodes.Select(Text).ToArray(), ours.Nodes.Select(Text).ToArray());

    static string Text(Value v) => $"{Plain(v.Name)} {v.IsSequence} {v.Type}{v.Shape}";

    static string Text(Node n) => $"{n.Domain}.{n.Op} {string.Join(", ", n.Attributes)}";

    static string Content(KeyValuePair<string, Tensor> t) => $"{t.Key} {t.Value} "
        + $"{System.Convert.ToHexString(t.Value.Bytes.Span)}";

    /// <summary>The library counts the names that it makes, over everything that a process has made.</summary>
    static string Plain(string name) => Regex.Replace(name, @"^(onnx::.*)::\d+$", "$1");
}
