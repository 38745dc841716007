using System.Numerics.Tensors;
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
            new(parameters, gradients, Groups(row), Rate(row, "lr_at_construction")) { Draw = Drawn(row) },
            new() { Threads = 2 });
        int[] ends = row.TryGetProperty("sync_lookahead_after", out var sync)
            ? [.. sync.EnumerateArray().Select(s => s.GetInt32())] : [];
        for (var step = 1; step <= 12; step++)
        {
            foreach (var name in layout.Names)
                Fill.Uniform($"g:{name}:{step}", gradients[name].Length).CopyTo(gradients[name]);
            update.Apply(Rate(row, "lr", step), endOfEpoch: ends.Contains(step));
            if (row.GetProperty("after").TryGetProperty($"{step}", out var expected))
                foreach (var tensor in expected.EnumerateObject())
                    Compare(row)($"{title} after {step}: {tensor.Name}", tensor.Name, tensor.Value,
                        parameters[tensor.Name].ToArray(), Bound(row));
        }
    }

    /// <summary>Kron's small tensors have a rate of their own.</summary>
    static double Rate(JsonElement row, string key, int step = 0)
    {
        var rate = Reference.Value.GetProperty(key);
        return Text(row, "shapes") == "small" && IsKron(row) ? 0.05
            : (step == 0 ? rate : rate[step - 1]).GetDouble();
    }

    static bool IsKron(JsonElement row) => row.TryGetProperty("kron_scale", out _);

    /// <summary>What Kron drew (golden/training/README): probes by parameter and step, the rest in one series.</summary>
    static Drawing Drawn(JsonElement row)
    {
        if (!IsKron(row))
            return UpdateTargets.Drawn(1);
        var scale = row.GetProperty("kron_scale").GetDouble();
        var sways = row.GetProperty("kwargs").TryGetProperty("stochastic_weight_decay", out _);
        var places = new Dictionary<string, int>();
        var count = 0;
        foreach (var group in Groups(row))
            foreach (var name in group.Names)
            {
                places[name] = count;
                count += sways && group.WeightDecay != 0 ? 2 : 1;
            }
        var series = Fill.Uniform("kron:r", 12L * count + 1);
        return (draw, parameter, step, to) =>
        {
            if (draw.IsNormal)
                TensorPrimitives.Multiply(Fill.Uniform($"kron:v:{parameter}:{step}", to.Length), 1.7320508f, to);
            else
            {
                var at = (step - 1) * count + places[parameter] + (draw.Name == "sway" ? 1 : 0);
                to[0] = (float)(scale * (series[at] + 1) / 2);
            }
        };
    }

    delegate void Comparison(string title, string name, JsonElement expected, float[] got, double bound);

    static Comparison Compare(JsonElement row) => Text(row, "shapes") == "small" && IsKron(row) ? All : Check;

    /// <summary>All values, by how far the tensor has moved.</summary>
    static void All(string title, string name, JsonElement expected, float[] got, double bound)
    {
        var start = Fill.Uniform($"p:{name}", got.Length);
        float[] values = [.. expected.EnumerateArray().Select(v => v.GetSingle())];
        var moved = TensorPrimitives.Distance<float>(values, start);
        foreach (var (i, e) in values.Index())
            Assert.AreEqual(e, got[i], bound * moved + Tolerances.Get("optimizer.digits"), $"{title} [{i}]");
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
