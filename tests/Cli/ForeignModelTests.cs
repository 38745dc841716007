using System.Text.Json;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>Models that classify, or do not, in files that say nothing about themselves.</summary>
[TestClass]
public sealed class ForeignModelTests
{
    static readonly string Photo = Paths.Golden("images", "files", "bit.png");

    /// <summary>Four classes whose logits are 1, 2, 3 and 9 for any image.</summary>
    static readonly float[] Scores = [1, 2, 3, 9];

    [TestMethod]
    [DataRow(DType.Float32)]
    [DataRow(DType.Float16)]
    public void LogitsAreReadAsTheirTypeIs(DType type)
    {
        var (index, logit, prob) = Best(x => x.Cast(type));
        Assert.AreEqual(3, index);
        Assert.AreEqual(9, logit);
        Assert.AreEqual(Softmax(3), prob, Tolerances.Get("cli/logits"));
    }

    /// <summary>The probability is the file's own, not its softmax again.</summary>
    [TestMethod]
    public void ProbabilitiesStayThemselves()
    {
        var (index, logit, prob) = Best(x => x.Softmax().Cast(DType.Float64).Cast(DType.Float32).Identity());
        Assert.AreEqual(3, index);
        Assert.AreEqual(Softmax(3), prob, Tolerances.Get("cli/logits"));
        Assert.AreEqual(Math.Log(Softmax(3)), logit, Tolerances.Get("cli/logits"));
    }

    [TestMethod]
    public void WhatDoesNotClassifyIsOneLine()
    {
        Assert.Contains("is not of Float32 or Float16", Refusal(x => x.Cast(DType.Int64)));
        Assert.Contains("is not of Float32 or Float16", Refusal(x => x.Cast(DType.Float64)));
        Assert.Contains("comes from a sigmoid", Refusal(x => x.Sigmoid()));
        Assert.Contains("not [1, classes]", Refusal(x => x.Reshape(Dim.Batch, 2, 2)));
    }

    /// <summary>Files of our own, and models by their names, without a classifier.</summary>
    [TestMethod]
    [DataRow("is features", "--num-classes", "0")]
    [DataRow("is features", "--features-only")]
    public void FeaturesAreNotClassified(string message, params string[] options)
    {
        using var folder = new TempFolder();
        Cli.Output(["export", "cifar_resnet20", "--output", folder["a.onnx"], .. options]);
        Assert.Contains(message, Error(folder["a.onnx"]));
        if (options.Length > 1)
            Assert.Contains(message, Error(["cifar_resnet20", .. options]));
    }

    static string Error(params string[] model) => Cli.Run(["infer", "--data-dir", Photo, "-m", .. model]) switch
    {
        (1, "", var error) => error,
        var other => throw new AssertFailedException($"{other}"),
    };

    static string Refusal(Func<Value, Value> end)
    {
        using var folder = new TempFolder();
        return Error(Write(folder, end));
    }

    static (int Index, double Logit, double Prob) Best(Func<Value, Value> end)
    {
        using var folder = new TempFolder();
        var output = Cli.Output("infer", "-m", Write(folder, end), "--data-dir", Photo, "--json");
        var found = JsonDocument.Parse(output).RootElement.EnumerateObject().Single().Value;
        return (found.GetProperty("index")[0].GetInt32(), found.GetProperty("logit")[0].GetDouble(),
            found.GetProperty("prob")[0].GetDouble());
    }

    static string Write(TempFolder folder, Func<Value, Value> end)
    {
        var graph = new Graph("foreign");
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3, 8, 8)).GlobalAveragePool().Flatten();
        var scores = graph.Const(Tensor.Of(Scores, 1, 4));
        graph.Output("scores", end(x.MatMul(graph.Const(Tensor.Of(new float[12], 3, 4))) + scores));
        OnnxFile.Write(graph, folder["foreign.onnx"]);
        return folder["foreign.onnx"];
    }

    static double Softmax(int i) => Math.Exp(Scores[i]) / Scores.Sum(s => Math.Exp(s));
}
