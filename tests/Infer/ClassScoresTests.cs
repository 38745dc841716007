using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class ClassScoresTests
{
    /// <summary>Scores of the two images, which float16 has exactly.</summary>
    static readonly float[] Scores = [1, 2, 3, 9, -1, 0.5f, 4, -2];

    [TestMethod]
    [DataRow(DType.Float32)]
    [DataRow(DType.Float16)]
    public void RowsAreTheScores(DType type)
    {
        CollectionAssert.AreEqual(Scores[..4], Row(x => x.Cast(type), ScoreKind.Logits, 0));
        CollectionAssert.AreEqual(Scores[4..], Row(x => x.Cast(type), ScoreKind.Logits, 1));
    }

    /// <summary>softmax(log p) = p: the probabilities of the row are those of the scores before the softmax.</summary>
    [TestMethod]
    public void ASoftmaxIsUndone()
    {
        var p = Logits.Top(Row(x => x.Softmax(), ScoreKind.Softmax, 0), 4);
        var total = Scores[..4].Sum(s => Math.Exp(s));
        CollectionAssert.AreEqual(new[] { 3, 2, 1, 0 }, p.Index);
        foreach (var (i, probability) in p.Index.Zip(p.Prob))
            Assert.AreEqual(Math.Exp(Scores[i]) / total, probability, Tolerances.Get("cli/logits"));
    }

    [TestMethod]
    [DataRow(DType.Int64)]
    [DataRow(DType.Int32)]
    [DataRow(DType.Float64)]
    public void OtherTypesAreRefused(DType type) =>
        Assert.Contains($"\"y\" {type}[N, 4] is not of Float32 or Float16", Refusal(x => x.Cast(type)));

    [TestMethod]
    public void OtherShapesAreRefused()
    {
        Assert.Contains("has the shape [2, 4, 1] for 2 images, not [2, classes]",
            Refusal(x => x.Reshape(Dim.Batch, 4, 1)));
        Assert.Contains("has the shape [1, 8] for 2 images", Refusal(x => x.Reshape(1, -1)));
        Assert.Contains("is features; it has no classifier", Refusal(x => x.Identity(), name: "features"));
        Assert.Contains("comes from a sigmoid", Refusal(x => x.Sigmoid(), ScoreKind.Sigmoid));
    }

    static string Refusal(Func<Value, Value> end, ScoreKind kind = ScoreKind.Logits, string name = "y")
    {
        using var session = Session.Load(Model(end, name), "model");
        return Assert.Throws<UserException>(() => ClassScores.Of(session, [[2, 4]], kind)).Message;
    }

    static float[] Row(Func<Value, Value> end, ScoreKind kind, int image)
    {
        using var session = Session.Load(Model(end, "y"), "model");
        var scores = ClassScores.Of(session, [[2, 4]], kind);
        using var binding = session.Bind([2, 4]);
        Scores.CopyTo(binding.Input<float>());
        binding.Run();
        return scores.Row(binding, image, new float[scores.Classes]).ToArray();
    }

    static byte[] Model(Func<Value, Value> end, string name)
    {
        var graph = new Graph("model");
        graph.Output(name, end(graph.Input("x", DType.Float32, new(Dim.Batch, 4))));
        return OnnxFile.ToBytes(graph);
    }
}
