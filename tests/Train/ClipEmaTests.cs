using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Clipped gradients and the average's decay equal timm's.</summary>
[TestClass]
public sealed class ClipEmaTests
{
    static readonly TensorLayout Layout = new(
        [("conv", [4, 3, 3, 3]), ("bias", [4]), ("lin", [5, 6]), ("scalar", [1])]);

    [TestMethod]
    [DataRow("norm", 1.0, "norm 1.0")]
    [DataRow("value", 0.3, "value 0.3")]
    [DataRow("agc", 0.05, "agc 0.05")]
    [DataRow("agc", 0.5, "agc 0.5")]
    public void ClippedGradientsAreTimms(string mode, double limit, string row)
    {
        foreach (var scale in new[] { 1.0, 0.5 })
        {
            var (parameters, gradients) = (Filled("p", 1), Filled("g", 2 / (float)scale));
            var factor = GradientClip.Apply(mode, limit, parameters, gradients, [], scale);
            foreach (var expected in Golden.Json("training",
                "clip_ema.json").GetProperty("clip").GetProperty("after").GetProperty(row).EnumerateObject())
                foreach (var (i, e) in expected.Value.EnumerateArray().Index())
                    Assert.AreEqual(e.GetDouble(), gradients[expected.Name].Span[i] * factor, Tolerances.Get("clip"),
                        $"{expected.Name}[{i}]");
        }
    }

    [TestMethod]
    public void AgcSparesTheHead()
    {
        var (parameters, gradients) = (Filled("p", 1), Filled("g", 2));
        GradientClip.Apply("agc", 0.05, parameters, gradients, ["lin"]);
        CollectionAssert.AreEqual(Filled("g", 2)["lin"].ToArray(), gradients["lin"].ToArray());
    }

    [TestMethod]
    public void AnUnknownModeIsAnError() => StringAssert.Contains(Assert.ThrowsExactly<UserException>(
        () => GradientClip.Apply("norn", 1, Filled("p", 1), Filled("g", 1), [])).Message, "Did you mean \"norm\"?");

    [TestMethod]
    public void TheDecayIsTimms()
    {
        var rows = Golden.Json("training", "clip_ema.json").GetProperty("ema_decay_by_step");
        foreach (var (name, decay) in new Dictionary<string, EmaDecay>
        {
            ["decay 0.9"] = new(0.9),
            ["warmup"] = new(0.9999) { Warmup = true },
            ["warmup gamma 2 power 0.75 min 0.1 after 5"] =
                new(0.9999) { Warmup = true, Gamma = 2, Power = 0.75, Min = 0.1, UpdateAfter = 5 },
        })
            foreach (var (step, e) in rows.GetProperty(name).EnumerateArray().Index())
                Assert.AreEqual(e.GetDouble(), decay.At(step), 1e-15, $"{name} at {step}");
    }

    [TestMethod]
    public void TheAverageFollows()
    {
        var weights = Filled("p", 1);
        var ema = new Ema(new(0.9), weights);
        var expected = Filled("p", 1)["conv"].ToArray();
        for (var step = 1; step <= 3; step++)
        {
            Fill.Uniform($"w:{step}", 108).CopyTo(weights["conv"]);
            ema.Update(step);
            var keep = step == 1 ? 0 : 0.9f;
            expected = [.. expected.Zip(Fill.Uniform($"w:{step}", 108), (a, w) => keep * a + (1 - keep) * w)];
        }
        foreach (var (e, got) in expected.Zip(ema.Average[0]["conv"].ToArray()))
            Assert.AreEqual(e, got, Tolerances.Get("clip"));
    }

    static FlatTensors Filled(string kind, float factor)
    {
        var tensors = new FlatTensors(Layout);
        foreach (var name in Layout.Names)
            Fill.Uniform($"clip:{kind}:{name}", tensors[name].Length).Select(v => v * factor)
                .ToArray().CopyTo(tensors[name]);
        return tensors;
    }
}
