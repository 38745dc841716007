using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Names and options of optimizers that are not to be had, and groups of their fallbacks.</summary>
[TestClass]
public sealed class OptimizerNameTests
{
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
    [DataRow("fusedadamw", "use \"adamw\"")]
    [DataRow("bnblion8bit", "use \"lion\"")]
    [DataRow("lookahead_adahessian", "use \"adamw\"")]
    public void WhatIsNotToBeHadSaysWhatToUse(string name, string message) =>
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Optimizers.Create(name)).Message, message);

    [TestMethod]
    public void FallbacksAreGroupsOfTheirOwn()
    {
        var options = new TrainOptions { Opt = "muon", OptKwargs = ["fallback_list=['fc.*', 'layer1.*']"] };
        using var folder = new TempFolder();
        var parts = TinyTraining.Parts(TinyTraining.Options(folder[""], "run", o =>
            (o.Opt, o.OptKwargs) = (options.Opt, options.OptKwargs)), new TinyTraining.View());
        foreach (var group in parts.Groups)
            foreach (var name in group.Names)
                Assert.AreEqual(name.StartsWith("fc.", StringComparison.Ordinal)
                    || name.StartsWith("layer1.", StringComparison.Ordinal), group.UsesFallback, name);
        Assert.AreEqual(4, parts.Groups.Count);
    }

    [TestMethod]
    [DataRow("adan", "betas=[0.9, 0.99]", "three numbers")]
    [DataRow("muon", "conv_mode=flaten", "Did you mean \"flatten\"?")]
    [DataRow("muon", "ns_steps=0", "at least 1")]
    [DataRow("muon", "ns_steps=1000", "below 100")]
    [DataRow("muon", "ns_coefficients=[1, 2]", "three numbers a step")]
    [DataRow("muon", "caution=True", "no option \"caution\"")]
    [DataRow("adamuon", "adjust_lr_fn=original", "rsqrt_in")]
    [DataRow("mars", "betas_1d=[0.9, nan]", "two numbers")]
    [DataRow("adopt", "clip_exp=-1", "at least 0")]
    [DataRow("adadelta", "rho=nan", "from 0 to 1")]
    [DataRow("adafactor", "clip_threshold=0", "greater than 0")]
    [DataRow("sgd", "dampening=0.5", "Nesterov")]
    [DataRow("adafactor", "decay_rate=0.8", "at most 0")]
    [DataRow("adafactorbv", "decay_rate=-0.8", "at least 0")]
    public void WrongOptionsAreErrors(string name, string option, string message) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Optimizers.Create(name,
            new Dictionary<string, string> { [option.Split('=')[0]] = option.Split('=')[1] })).Message, message);
}
