using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Parameters after 1, 2, 5 and 12 steps equal those of timm and PyTorch.</summary>
[TestClass]
public sealed class OptimizerTests
{
    static readonly (string Name, long[] Shape)[] Parameters =
        [("a", [5]), ("b", [4, 6]), ("c", [8, 3, 3, 3]), ("d", [1])];

    static readonly Lazy<JsonElement[]> Rows = new(() =>
        [.. Golden.Json("training", "optimizers.json.gz").EnumerateArray()]);

    public static IEnumerable<object[]> Cases => Rows.Value.Index()
        .Select(row => new object[] { $"{row.Item.GetProperty("opt")} {row.Item.GetProperty("kwargs")}", row.Index });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TrajectoryIsPyTorchs(string title, int index)
    {
        var row = Rows.Value[index];
        var kwargs = row.GetProperty("kwargs").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText());
        var update = Update(Optimizers.Create(row.GetProperty("opt").GetString()!, kwargs), Groups(row),
            out var parameters, out var gradients);
        for (var step = 1; step <= 12; step++)
        {
            Gradients(gradients, step);
            update.Apply(0.05);
            if (row.GetProperty("after").TryGetProperty($"{step}", out var expected))
                Check($"{title} after {step}", expected, parameters);
        }
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.02)]
    public void PlainSgdIsItsFormula(double decay)
    {
        var update = Update(Optimizers.Create("momentum", null, momentum: 0),
            [new(["a", "b", "c", "d"], decay)], out var parameters, out var gradients);
        var expected = Fill.Uniform("p:c", 216);
        for (var step = 1; step <= 3; step++)
        {
            Gradients(gradients, step);
            update.Apply(0.05);
            var g = Fill.Uniform($"g:c:{step}", 216);
            expected = [.. expected.Zip(g, (p, d) => (float)(p - 0.05 * (d + decay * p)))];
        }
        Assert.IsEmpty(update.State);
        foreach (var (e, got) in expected.Zip(parameters["c"].ToArray()))
            Assert.AreEqual(e, got, Tolerances.Get("optimizer"));
    }

    [TestMethod]
    [DataRow("adamv", "\"adamv\". Did you mean \"adam\"?")]
    [DataRow("lookahead_lamp", "\"lookahead_lamp\". Did you mean \"lookahead_lamb\"?")]
    [DataRow("ahead_sgd", "\"ahead_sgd\".")]
    public void UnknownNamesAreErrors(string name, string message) =>
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Optimizers.Create(name)).Message, message);

    [TestMethod]
    public void UnknownOptionsAreErrors() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() =>
            Optimizers.Create("lamb", new Dictionary<string, string> { ["trust_clp"] = "True" })).Message,
        "Did you mean \"trust_clip\"?");

    [TestMethod]
    public void LookaheadComesBackWhenAnEpochEnds()
    {
        var update = Update(Optimizers.Create("lookahead_momentum", null, momentum: 0),
            [new(["a", "b", "c", "d"], 0)], out var parameters, out var gradients);
        float[] Next(int step, bool end)
        {
            Gradients(gradients, step);
            update.Apply(0.05, endOfEpoch: end);
            return parameters["b"].ToArray();
        }
        var slow = Next(1, true);
        var fast = slow.Zip(Fill.Uniform("g:b:2", 24), (p, g) => p - 0.05f * g);
        foreach (var ((a, b), got) in slow.Zip(fast).Zip(Next(2, true)))
            Assert.AreEqual((a + b) / 2, got, Tolerances.Get("optimizer"));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TheGraphComputesTheSame(string title, int index)
    {
        var row = Rows.Value[index];
        var kwargs = row.GetProperty("kwargs").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText());
        var optimizer = Optimizers.Create(row.GetProperty("opt").GetString()!, kwargs);
        var groups = Groups(row);
        var update = Update(optimizer, groups, out var parameters, out var gradients);
        for (var step = 1; step <= 5; step++)
        {
            Gradients(gradients, step);
            update.Apply(0.05);
        }
        var graph = UpdateGraph.Of(optimizer, Parameters, groups);
        Gradients(gradients, 6);
        var feeds = Feeds(graph, update, groups, parameters, gradients);
        update.Apply(0.05);
        var outputs = Ort.Run(graph, feeds);
        foreach (var (name, _) in Parameters)
            Close(title, outputs[$"next:param:{name}"], parameters[name].Span);
        foreach (var (slot, state) in optimizer.State.Zip(update.State))
            foreach (var (name, _) in Parameters)
                Close($"{title} {slot.Name}", outputs[$"next:state:{slot.Name}:{name}"], state[name].Span);
    }

    static (string, float[], long[])[] Feeds(Graph graph, BlockUpdate update, ParamGroup[] groups,
        FlatTensors parameters, FlatTensors gradients) => [.. graph.Inputs.Select(input =>
    {
        var part = input.Name.Split(':');
        var data = part[0] switch
        {
            "param" => parameters[part[1]].ToArray(),
            "grad" => gradients[part[1]].ToArray(),
            "state" => update.State[Array.FindIndex(update.Optimizer.State, s => s.Name == part[1])][part[2]].ToArray(),
            _ => new[]
            {
                (float)update.Optimizer.Scalars.Single(s => s.Name == part[2])
                    .Of(new(update.Step + 1, 0.05, groups[int.Parse(part[1])].WeightDecay, 0.05)),
            },
        };
        return (input.Name, data, input.Shape.Sizes);
    })];

    static void Close(string title, float[] expected, ReadOnlySpan<float> got)
    {
        foreach (var (i, e) in expected.Index())
            Assert.AreEqual(e, got[i], Tolerances.Get("optimizer.graph"), title);
    }

    static ParamGroup[] Groups(JsonElement row) =>
    [
        .. row.GetProperty("groups").EnumerateArray().Select(g => new ParamGroup(
            [.. g.GetProperty("names").EnumerateArray().Select(n => n.GetString()!)],
            g.GetProperty("weight_decay").GetDouble())),
    ];

    static BlockUpdate Update(Optimizer optimizer, ParamGroup[] groups, out FlatTensors parameters,
        out FlatTensors gradients)
    {
        var layout = new TensorLayout(Parameters);
        (parameters, gradients) = (new(layout), new(layout));
        foreach (var name in layout.Names)
            Fill.Uniform($"p:{name}", parameters[name].Length).CopyTo(parameters[name]);
        return new(optimizer, parameters, gradients, groups, 0.05, threads: 2);
    }

    static void Gradients(FlatTensors gradients, int step)
    {
        foreach (var name in gradients.Layout.Names)
            Fill.Uniform($"g:{name}:{step}", gradients[name].Length).CopyTo(gradients[name]);
    }

    static void Check(string title, JsonElement expected, FlatTensors got)
    {
        foreach (var tensor in expected.EnumerateObject())
            foreach (var (i, e) in tensor.Value.EnumerateArray().Index())
                Assert.AreEqual(e.GetDouble(), got[tensor.Name].Span[i], Tolerances.Get("optimizer"),
                    $"{title}: {tensor.Name}[{i}]");
    }
}
