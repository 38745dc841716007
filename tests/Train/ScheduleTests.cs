using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Learning rates over epochs and updates equal timm's.</summary>
[TestClass]
public sealed class ScheduleTests
{
    static readonly JsonElement[] Rows =
    [
        .. Golden.Json("training", "schedulers.json").EnumerateArray(),
        .. Golden.Json("training", "schedulers2.json.gz").EnumerateArray(),
    ];

    public static IEnumerable<object[]> Cases => Of(row => !row.TryGetProperty("error", out _));

    public static IEnumerable<object[]> Refusals => Of(row => row.TryGetProperty("error", out _));

    static IEnumerable<object[]> Of(Func<JsonElement, bool> isWanted) => Rows.Where(isWanted)
        .Select(row => new object[] { $"{row.GetProperty("sched")} {row.GetProperty("kwargs")}", row.GetRawText() });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void RatesAreTimms(string title, string text)
    {
        var row = JsonDocument.Parse(text).RootElement;
        var schedule = Schedules.Create(Options(row.GetProperty("sched").GetString()!, row.GetProperty("kwargs")), 0.4);
        Assert.AreEqual(row.GetProperty("num_epochs").GetInt32(), schedule.Epochs);
        foreach (var (epoch, rates) in row.GetProperty("lr").EnumerateArray().Index())
        {
            foreach (var (i, rate) in rates.EnumerateArray().Index())
            {
                if (i > 0)
                    schedule.BeforeUpdate(epoch * 7 + i);
                Assert.AreEqual(rate.GetDouble(), schedule.Lr, Tolerances.Get("schedule") * rate.GetDouble(),
                    $"{title}: epoch {epoch}, update {i}");
            }
            schedule.BeforeEpoch(epoch + 1, Metric(epoch));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Refusals))]
    public void WhatTimmRefusesIsRefused(string title, string text)
    {
        var row = JsonDocument.Parse(text).RootElement;
        var sched = row.GetProperty("sched").GetString()!;
        var message = Assert.ThrowsExactly<UserException>(
            () => Schedules.Create(Options(sched, row.GetProperty("kwargs")), 0.4), title).Message;
        StringAssert.Contains(message, row.GetProperty("error").GetString()!.Contains("decay_fn") ? "1-sqrt"
            : row.GetProperty("error").GetString()!.Contains("decay_epochs") ? "--decay-epochs" : "--stable-timescale");
    }

    [TestMethod]
    public void NoiseThatIsNeverDrawnIsRefused() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Schedules.Create(
            new() { Noise = [0.5], NoisePct = 0.1, NoiseStd = 1e9 }, 0.1)).Message, "--lr-noise-pct");

    [TestMethod]
    public void PlateauGoesOnFromItsState()
    {
        var options = Options("plateau", JsonDocument.Parse("{}").RootElement);
        var (whole, first, second) = (Schedules.Create(options, 0.4), Schedules.Create(options, 0.4),
            Schedules.Create(options, 0.4));
        for (var epoch = 0; epoch < 20; epoch++)
        {
            if (epoch == 9)
                second.State = first.State;
            whole.BeforeEpoch(epoch + 1, Metric(epoch));
            var part = epoch < 9 ? first : second;
            part.BeforeEpoch(epoch + 1, Metric(epoch));
            Assert.AreEqual(whole.Lr, part.Lr);
        }
    }

    [TestMethod]
    public void UnknownNamesAreErrors() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Schedules.Create(new() { Sched = "cosin" }, 0.1)).Message,
            "Did you mean \"cosine\"?");

    static double Metric(int epoch) => epoch switch { 0 => 0.1, 1 => 0.2, < 8 => 0.3, _ => 0.31 };

    static ScheduleOptions Options(string name, JsonElement kwargs)
    {
        double Get(string key, double otherwise) => kwargs.TryGetProperty(key, out var v) ? v.GetDouble() : otherwise;
        bool Is(string key) => kwargs.TryGetProperty(key, out var v) && v.GetBoolean();
        return new()
        {
            Sched = name,
            Epochs = (int)Get("num_epochs", 30),
            DecayEpochs = !kwargs.TryGetProperty("decay_epochs", out var decay) ? 8
                : decay.ValueKind == JsonValueKind.Null ? null : decay.GetDouble(),
            DecayFn = kwargs.TryGetProperty("decay_fn", out var fall) ? fall.GetString()! : "",
            StableTimescale = kwargs.TryGetProperty("stable_timescale", out var scale) ? scale.GetDouble() : null,
            DecayMilestones = [7, 15],
            DecayRate = 0.3,
            MinLr = Get("min_lr", 1e-4),
            PatienceEpochs = 2,
            WarmupEpochs = (int)Get("warmup_epochs", 0),
            WarmupLr = Get("warmup_lr", 1e-5),
            WarmupPrefix = Is("warmup_prefix"),
            CooldownEpochs = (int)Get("cooldown_epochs", 0),
            CycleLimit = (int)Get("cycle_limit", 1),
            CycleDecay = Get("cycle_decay", 0.1),
            KDecay = Get("k_decay", 1),
            OnUpdates = kwargs.TryGetProperty("step_on_epochs", out var on) && !on.GetBoolean(),
            UpdatesPerEpoch = 7,
            NoiseStd = Get("noise_std", 1),
            NoiseSeed = (int)Get("noise_seed", 42),
            Noise = kwargs.TryGetProperty("noise", out var noise)
                ? [.. noise.EnumerateArray().Select(n => n.GetDouble())] : [],
        };
    }
}
