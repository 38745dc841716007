using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Deploy;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;
using OnnxTimm.Tests.Models;
using OnnxTimm.Tests.Passes;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Whom a file is for is a row, and a row is held against graphs.</summary>
[TestClass]
public sealed class TargetTests
{
    public static IEnumerable<object[]> Targets => TargetTable.All.Select(target => new object[] { target.Name });

    [TestMethod]
    [DynamicData(nameof(Targets))]
    public void EveryRuleRefusesSomething(string name)
    {
        var target = TargetTable.Named(name);
        Graph[] bad = [.. TinyGraphs.Bad(target.OpsetFor(null))];
        foreach (var rule in target.Rules)
            Assert.IsTrue(bad.Any(graph => rule.Broken(graph).Any()), $"{name}: nothing breaks \"{rule.What}\"");
    }

    [TestMethod]
    [DynamicData(nameof(Targets))]
    public void ANetworkPasses(string name)
    {
        var target = TargetTable.Named(name);
        var graph = Exported(target, "test_resnet")!;
        Assert.IsEmpty(target.Faults(graph));
        Ort.Load(OnnxFile.ToBytes(graph));
    }

    /// <summary>A target takes what is written for it, which computes the same.</summary>
    [TestMethod]
    [DynamicData(nameof(Targets))]
    public void WhatIsWrittenOtherwiseComputesTheSame(string name)
    {
        var target = TargetTable.Named(name);
        var refused = new List<string>();
        foreach (var (form, emit) in TinyGraphs.Forms)
            if (Lowered(target, emit) is not { } lowered || target.Faults(lowered).Any())
                refused.Add(form);
            else
                AreClose(Run(TinyGraphs.Of(emit, 18)), Run(lowered), "graph/fold", $"{name}: {form}");
        Assert.AreEqual(Refused.GetValueOrDefault(name, ""), string.Join(", ", refused), name);
    }

    /// <summary>Forms that a target has in no way.</summary>
    static readonly Dictionary<string, string> Refused = new()
    {
        ["coreml-ep"] = "Pad",
        ["qnn"] = "Erf",
    };

    /// <summary>OpenCV's dnn gives the same for each of them.</summary>
    [TestMethod]
    public void OpenCvRunsEveryForm()
    {
        using var folder = new TempFolder();
        var target = TargetTable.Named("opencv");
        foreach (var (form, emit) in TinyGraphs.Forms)
            Consumers.Put(folder, form, Lowered(target, emit)!, Fill.Input(TinyGraphs.Shape));
        Consumers.RunInOpenCv(folder["."]);
        foreach (var (form, emit) in TinyGraphs.Forms)
            AreClose(Run(TinyGraphs.Of(emit, 18)), Consumers.Got(folder, form), "targets/consumer", form);
    }

    /// <summary>A target of one's own is an object.</summary>
    [TestMethod]
    public void ATargetIsAnObject()
    {
        using var folder = new TempFolder();
        const string page = "https://example.org/controller";
        var target = new Target("controller", "a made-up one", 13, 8)
        {
            BatchSize = 1,
            Rules =
            [
                TargetRule.FixedSizes(page),
                TargetRule.Nodes("Relu", "there is Clip alone", page,
                    lower: (n, to) => to.Target.Emit("Clip", [to[n[0]], to.Target.Scalar(0)]).Outs),
                TargetRule.Operators("Conv Clip Add MaxPool AveragePool GlobalAveragePool Flatten Gemm", page),
            ],
        };
        using var loaded = ModelLoader.Load(new ModelRequest("test_resnet").For(target));
        var written = loaded.Export(folder["m.onnx"], new() { Target = target }).Network.Graph;
        Assert.AreEqual((13, 1L), (written.Opset, written.Inputs[0].Shape[0].Size));
        Assert.IsTrue(written.Nodes.Any(n => n.Op == "Clip") && written.Nodes.All(n => n.Op != "Relu"));
        using var vit = ModelLoader.Load(new ModelRequest("test_vit").For(target));
        var error = Assert.ThrowsExactly<UserException>(() =>
            vit.Export(folder["v.onnx"], new() { Target = target })).Message;
        Assert.MatchesRegex($@"^test_vit cannot be had for target controller: \w+ ""[^""]+"": there is no such operator "
            + $@"\({page}\), and \d+ more\.$", error);
        Assert.IsFalse(File.Exists(folder["v.onnx"]));
    }

    [TestMethod]
    [DataRow("No target \"opencw\". Did you mean \"opencv\"?", "--target", "opencw")]
    [DataRow("Target opencv takes opset 10 at most, not 18.", "--target", "opencv", "--opset", "18")]
    [DataRow("cannot be had for target tensorrt: opset 8: opsets are taken from 9 to 24", "--target", "tensorrt",
        "--opset", "8")]
    public void AMistakeIsOneMessage(string message, params string[] options)
    {
        using var folder = new TempFolder();
        var said = Cli.Cli.Error(["export", "test_resnet", "--output", folder["m.onnx"], .. options]);
        Assert.Contains(message, said);
        Assert.IsFalse(File.Exists(folder["m.onnx"]));
    }

    [TestMethod]
    public void TheTableIsPrinted()
    {
        var table = Cli.Cli.Output("export", "--target", "help");
        foreach (var target in TargetTable.All)
            Assert.MatchesRegex($@"(?m)^{target.Name} +{target.Opset} +{target.Ir} ", table);
        Assert.MatchesRegex("(?m)^tensorrt .* not run ", table);
        Assert.AreEqual(table, Cli.Cli.Output("export", "resnet18", "--target=help"));
    }

    /// <summary>For the smallest network of a family, another each day.</summary>
    [TestMethod]
    public void NetworksPassOrSayWhatCannotBeHad() => PassOrSay(Asked.Smallest(1));

    /// <summary>For one of each module.</summary>
    [TestMethod]
    [TestCategory("all")]
    public void OneOfEachModulePassesOrSaysWhatCannotBeHad() => PassOrSay(Asked.Smallest(int.MaxValue));

    static void PassOrSay(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            // Targets that get the same file share its making.
            var files = TargetTable.All.GroupBy(t => (t.OpsetFor(null), t.BatchSize,
                t.Rules.Any(r => r.Lower is not null) ? t.Name : ""));
            foreach (var targets in files)
                try
                {
                    var graph = Exported(targets.First(), name);
                    foreach (var target in targets.Where(_ => graph is not null))
                        Assert.IsTrue(target.Faults(graph!).All(f => f.Where.Length > 0 && f.Rule.What.Length > 0));
                }
                catch (UserException e)
                {
                    Assert.MatchesRegex($@"^{name} needs opset \d+: .+", e.Message);
                }
        }
    }

    static Graph? Exported(Target target, string name) => Asked.Classifier(name, new()
    {
        Opset = target.OpsetFor(null),
        BatchSize = target.BatchSize,
    }) is { } model ? Export.Optimize(model.Graph, target.Lower).Graph : null;

    static Graph? Lowered(Target target, Func<Value, Value> form)
    {
        try
        {
            return Export.Plain(TinyGraphs.Of(form, target.OpsetFor(null)), target.Lower);
        }
        catch (UserException)
        {
            return null;
        }
    }

    static float[] Run(Graph graph) => Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL,
        ("input", Fill.Input(TinyGraphs.Shape), TinyGraphs.Shape))["y"];

    static void AreClose(float[] expected, float[] got, string tolerance, string what)
    {
        Assert.HasCount(expected.Length, got, what);
        foreach (var (e, g) in expected.Zip(got))
            Assert.AreEqual(e, g, Math.Max(1, expected.Max(Math.Abs)) * Tolerances.Get(tolerance), what);
    }
}
