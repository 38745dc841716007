using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// Larger tensors under a learning rate that moves: what is factored or orthogonalized, scaled groups, fallbacks and
/// Lookahead equal timm's.
/// </summary>
[TestClass]
public sealed class LargeOptimizerTests
{
    static readonly Lazy<JsonElement> Reference = new(() => Golden.Json("training", "optimizers2.json.gz"));

    static JsonElement[] Rows => [.. Reference.Value.GetProperty("rows").EnumerateArray()];

    public static IEnumerable<object[]> Cases => Rows.Index()
        .Where(row => Optimizers.Names.Contains(row.Item.GetProperty("opt").GetString()!.Split('_')[^1]))
        .Select(row => new object[] { row.Item.GetProperty("label").GetString()!, row.Index });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TrajectoryIsTimms(string title, int index)
    {
        var row = Rows[index];
        var kwargs = OptimizerTests.Kwargs(row);
        if (Text(row, "newton_schulz") == "float32")
            kwargs["ns_dtype"] = "float32";
        var layout = new TensorLayout(Reference.Value.GetProperty("shapes").GetProperty(Text(row, "shapes")!)
            .EnumerateObject().Select(s => (s.Name, s.Value.EnumerateArray().Select(d => d.GetInt64()).ToArray())));
        var (parameters, gradients) = (new FlatTensors(layout), new FlatTensors(layout));
        foreach (var name in layout.Names)
            Fill.Uniform($"p:{name}", parameters[name].Length).CopyTo(parameters[name]);
        using var update = Updates.Of(Optimizers.Create(Text(row, "opt")!, kwargs),
            new(parameters, gradients, Groups(row), Reference.Value.GetProperty("lr_at_construction").GetDouble()),
            new() { Threads = 2 });
        int[] ends = row.TryGetProperty("sync_lookahead_after", out var sync)
            ? [.. sync.EnumerateArray().Select(s => s.GetInt32())] : [];
        for (var step = 1; step <= 12; step++)
        {
            foreach (var name in layout.Names)
                Fill.Uniform($"g:{name}:{step}", gradients[name].Length).CopyTo(gradients[name]);
            update.Apply(Reference.Value.GetProperty("lr")[step - 1].GetDouble(), endOfEpoch: ends.Contains(step));
            if (row.GetProperty("after").TryGetProperty($"{step}", out var expected))
                foreach (var tensor in expected.EnumerateObject())
                    Check($"{title} after {step}: {tensor.Name}", tensor.Name, tensor.Value,
                        parameters[tensor.Name].ToArray(), Bound(row));
        }
    }

    /// <summary>The reference set's own bound (golden/training/README).</summary>
    static double Bound(JsonElement row) => row.TryGetProperty("noise_bfloat16", out var other)
        ? Tolerances.Get("optimizer.bfloat16") + 10 * other.GetDouble()
        : Tolerances.Get("optimizer.moved") + 10 * row.GetProperty("noise").GetDouble();

    /// <summary>Norm, product with a direction, distance from the start, and the first values.</summary>
    static void Check(string title, string name, JsonElement expected, float[] got, double bound)
    {
        var moved = expected[2].GetDouble();
        var direction = Fill.Uniform($"opt:{name}", got.Length);
        double[] values =
        [
            Math.Sqrt(got.Sum(x => (double)x * x)), got.Zip(direction, (x, d) => (double)x * d).Sum(),
        ];
        Close(expected[0].GetDouble(), values[0], "norm");
        Close(expected[1].GetDouble(), values[1], "product");
        foreach (var (i, e) in expected[3].EnumerateArray().Index())
            Close(e.GetDouble(), got[i], $"[{i}]");

        void Close(double e, double x, string what) => Assert.AreEqual(e, x, bound * moved
            + Tolerances.Get("optimizer.digits") * Math.Max(1, Math.Abs(e)), $"{title} {what}");
    }

    static ParamGroup[] Groups(JsonElement row) =>
    [
        .. row.GetProperty("groups").EnumerateArray().Select(g => new ParamGroup(
            [.. g.GetProperty("names").EnumerateArray().Select(n => n.GetString()!)],
            g.GetProperty("weight_decay").GetDouble(),
            g.TryGetProperty("lr_scale", out var scale) ? scale.GetDouble() : 1)
        {
            UsesFallback = g.TryGetProperty("use_fallback", out _),
        }),
    ];

    static string? Text(JsonElement row, string key) =>
        row.TryGetProperty(key, out var value) ? value.GetString() : null;
}
