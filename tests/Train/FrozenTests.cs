using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>What is frozen stays, costs no gradient and no state, and everything else learns.</summary>
[TestClass]
public sealed class FrozenTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void PatternsFreezeWeightsAndTheNormsAmongThem() =>
        Check(o => o.Frozen = ["conv1*", "bn1*", "layer1*"], name => name.StartsWith("conv1", StringComparison.Ordinal)
            || name.StartsWith("bn1", StringComparison.Ordinal) || name.StartsWith("layer1", StringComparison.Ordinal));

    [TestMethod]
    public void TheHeadAloneIsTrained() =>
        Check(o => o.TrainHeadOnly = true, name => !name.StartsWith("fc.", StringComparison.Ordinal));

    /// <summary>All vectors of this network but the classifier's bias are those of batch norms.</summary>
    [TestMethod]
    public void BatchNormsAlone()
    {
        var shapes = Zoo.Build("test_resnet", new() { NumClasses = 4 }).Graph.StateDict
            .ToDictionary(w => w.Name, w => w.Weight.Shape.Rank);
        Check(o => o.FreezeBn = true, name => shapes[name] == 1 && name != "fc.bias");
    }

    [TestMethod]
    public void ANetworkWithoutBatchNormsSaysSo()
    {
        var trainee = Trainees.Of(Zoo.Build("test_vit", new() { NumClasses = 4 }));
        var parts = TinyTraining.Parts(TinyTraining.Options(folder[""], "run"), new TinyTraining.View());
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => OptionParts.Of(new() { FreezeBn = true },
            trainee, parts.Batches, null, new TinyTraining.View())).Message, "test_vit has no batch norms");
    }

    [TestMethod]
    public void LayersThatLearnTooSlowlyAreLeftAlone() =>
        // Four stages and the stem: rates of 0.5^4 and less are below the bound, but batch norms go on counting.
        Check(o => (o.LayerDecay, o.LayerDecayNoOptScale) = (0.1, 0.005), null);

    [TestMethod]
    public void AFileOfOptionsHoldsThePatterns()
    {
        var (given, read) = (new TrainOptions { Frozen = ["conv1*", "bn1.*"], OptKwargs = ["eps=1"] }, new TrainOptions());
        OptionFiles.Parse(OptionFiles.Write(given), "args.yaml", read);
        CollectionAssert.AreEqual(given.Frozen.ToArray(), read.Frozen.ToArray());
        CollectionAssert.AreEqual(given.OptKwargs.ToArray(), read.OptKwargs.ToArray());
    }

    [TestMethod]
    public void APatternThatFitsNothingIsSaid()
    {
        var options = TinyTraining.Options(folder[""], "run", o => o.Frozen = ["layerr1*"]);
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(
            () => TinyTraining.Parts(options, new TinyTraining.View())).Message, "No weight of test_resnet fits");
        options.Frozen = ["*"];
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(
            () => TinyTraining.Parts(options, new TinyTraining.View())).Message, "left to be trained");
    }

    /// <param name="change">Freezes something.</param>
    /// <param name="isFrozen">Which weights; null for those without a state of the optimizer.</param>
    void Check(Action<TrainOptions> change, Func<string, bool>? isFrozen)
    {
        var options = TinyTraining.Options(folder[""], "run", o =>
        {
            (o.Epochs, o.WarmupEpochs, o.ModelEma) = (1, 0, false);
            change(o);
        });
        var parts = TinyTraining.Parts(options, new TinyTraining.View());
        var before = parts.Trainee.Graph.Weights.ToDictionary(w => w.Name, w => w.Data!.ToFloats());
        using (var trainer = new Trainer(parts))
            trainer.Run();
        using var stored = TrainCheckpoint.Read(folder["run/last.safetensors"]);
        var states = stored.Keys.Where(k => k.StartsWith(TrainingKeys.Optimizer, StringComparison.Ordinal));
        foreach (var weight in parts.Trainee.Graph.Weights)
        {
            var hasState = states.Any(k => k.EndsWith($".{weight.Name}", StringComparison.Ordinal)
                && k.Split('.', 3)[2] == weight.Name);
            var frozen = isFrozen?.Invoke(weight.Name) ?? (weight.Role == Role.Param && !hasState);
            Assert.AreEqual(weight.Role == Role.Param && !frozen, hasState, weight.Name);
            Assert.AreEqual(frozen, before[weight.Name].AsSpan().SequenceEqual(stored[weight.Name].ToFloats()),
                weight.Name);
        }
        Assert.IsTrue(states.Any());
        Assert.Contains(w => w.Role == Role.Param && !states.Any(k => k.EndsWith(w.Name, StringComparison.Ordinal)),
            parts.Trainee.Graph.Weights);
    }
}
