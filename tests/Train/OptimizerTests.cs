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

    /// <summary>Those that are evaluated in place.</summary>
    public static IEnumerable<object[]> Elementwise =>
        Cases.Where(c => Optimizers.Create(Rows.Value[(int)c[1]].GetProperty("opt").GetString()!).IsElementwise);

    public static IEnumerable<object[]> AllNames => Optimizers.Names.Concat(["lookahead_adamw", "lookahead_muon"])
        .Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TrajectoryIsPyTorchs(string title, int index)
    {
        var row = Rows.Value[index];
        using var update = Update(Optimizers.Create(row.GetProperty("opt").GetString()!, Kwargs(row)), Groups(row),
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
        using var update = Update(Optimizers.Create("momentum", null, momentum: 0),
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
    public void LookaheadComesBackWhenAnEpochEnds()
    {
        using var update = Update(Optimizers.Create("lookahead_momentum", null, momentum: 0),
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
    [DynamicData(nameof(AllNames))]
    public void ItGoesOnFromItsStateToTheSameBits(string name)
    {
        ParamGroup[] groups = [new(["a", "d"], 0), new(["b", "c"], 0.02)];
        void Steps(IUpdate update, FlatTensors gradients, int from, int to)
        {
            for (var step = from; step <= to; step++)
            {
                Gradients(gradients, step);
                update.Apply(0.05 / step, gradScale: 0.5);
            }
        }
        using var whole = Update(Optimizers.Create(name), groups, out var expected, out var gradients);
        Steps(whole, gradients, 1, 8);
        using var first = Update(Optimizers.Create(name), groups, out var stopped, out gradients);
        Steps(first, gradients, 1, 5);
        using var second = Update(Optimizers.Create(name), groups, out var got, out gradients);
        got.CopyFrom(stopped);
        foreach (var (to, from) in second.State.Zip(first.State))
            to.CopyFrom(from);
        second.Step = first.Step;
        Steps(second, gradients, 6, 8);
        CollectionAssert.AreEqual(expected.All.ToArray(), got.All.ToArray());
        Assert.IsTrue(got.All.ToArray().All(float.IsFinite));
        foreach (var (a, b) in whole.State.Zip(second.State))
            CollectionAssert.AreEqual(a.All.ToArray(), b.All.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Elementwise))]
    public void TheGraphComputesTheSame(string title, int index)
    {
        var row = Rows.Value[index];
        var optimizer = Optimizers.Create(row.GetProperty("opt").GetString()!, Kwargs(row));
        var groups = Groups(row);
        using var update = Update(optimizer, groups, out var parameters, out var gradients);
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

    static (string, float[], long[])[] Feeds(Graph graph, IUpdate update, ParamGroup[] groups,
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

    /// <summary>The options of a row, as a user gives them.</summary>
    internal static Dictionary<string, string> Kwargs(JsonElement row) => row.GetProperty("kwargs").EnumerateObject()
        .ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()!
            : p.Value.GetRawText());

    internal static IUpdate Update(Optimizer optimizer, ParamGroup[] groups, out FlatTensors parameters,
        out FlatTensors gradients)
    {
        var layout = new TensorLayout(Parameters);
        (parameters, gradients) = (new(layout), new(layout));
        foreach (var name in layout.Names)
            Fill.Uniform($"p:{name}", parameters[name].Length).CopyTo(parameters[name]);
        return Updates.Of(optimizer, new(parameters, gradients, groups, 0.05), new() { Threads = 2 });
    }

    internal static void Gradients(FlatTensors gradients, int step)
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
