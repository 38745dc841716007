using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Verbs;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command that trains: flags over files over defaults, and mistakes.</summary>
[TestClass]
public sealed class TrainTests
{
    readonly string folder = Directory.CreateTempSubdirectory("onnxtimm").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void FlagsStandOverFilesOverDefaults()
    {
        var config = Path.Combine(folder, "config.yaml");
        File.WriteAllText(config, "opt: lamb\nepochs: 7\nscale:\n- 0.5\n- 1.0\nmodel_ema: true\namp_dtype: float16\n");
        var options = Parse("--config", config, "--epochs", "3", "--validation-batch-size", "5");
        Assert.AreEqual(("lamb", 3, true, 128, 5),
            (options.Opt, options.Epochs, options.ModelEma, options.BatchSize, options.ValidationBatchSize));
        CollectionAssert.AreEqual(new[] { 0.5, 1 }, options.Scale.ToArray());
        CollectionAssert.AreEqual(new[] { 3.0 / 4, 4.0 / 3 }, options.Ratio.ToArray());
        CollectionAssert.AreEqual(new[] { 90, 180, 270 }, options.DecayMilestones.ToArray());
    }

    /// <summary>timm's script passes no rate on unless it is given one, so that the network's own holds.</summary>
    [TestMethod]
    public void TheStochasticDepthIsLeftToTheNetwork()
    {
        Assert.IsNull(Parse().Request(10).Options.DropPathRate);
        Assert.AreEqual(0.0, Parse("--drop-path", "0").Request(10).Options.DropPathRate);
    }

    static TrainVerb Parse(params string[] args) => (TrainVerb)TrainVerb.Parse(
        VerbRow.All.Single(v => v.Name == "train"), args, new(TextWriter.Null, TextWriter.Null))!;

    [TestMethod]
    public void TimmsShortFlagsAreKnown() => StringAssert.Contains(
        Cli.Error("train", folder, "-vb", "4", "--dr", "0.5", "--model", "resnet5O"), "image");

    [TestMethod]
    [DataRow("There is nothing to train on", new string[0])]
    [DataRow("train has no flag --optt. Did you mean \"--opt\"?", new[] { "--optt", "sgd" })]
    [DataRow("There is no file \"absent.yaml\"", new[] { "--config", "absent.yaml" })]
    public void MistakesAreOneMessage(string message, string[] args) =>
        StringAssert.Contains(Cli.Error(["train", .. args]), message);

    /// <summary>The help says the value that an option has without its flag, and what kind of value it takes.</summary>
    [TestMethod]
    public void TheHelpSaysTheDefaults()
    {
        var options = new TrainOptions();
        var flags = typeof(TrainOptions).GetProperties()
            .Select(p => (Flag: p.GetCustomAttribute<OptionAttribute>(), Value: p.GetValue(options)))
            .Where(p => p.Flag is not null && p.Value is not bool).ToArray();
        Assert.IsGreaterThan(60, flags.Length);
        foreach (var (flag, value) in flags)
        {
            Assert.AreNotEqual("", flag!.MetaValue, flag.LongName);
            var said = Regex.Match(flag.HelpText, @"Default: (.*)\.$").Groups[1].Value;
            Assert.AreEqual(Text(value), string.Join(' ', said.Split(' ').Select(Text)), flag.LongName);
        }
    }

    static string Text(object? value) => value switch
    {
        null => "",
        string text => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? Text(number) : text,
        System.Collections.IEnumerable list => string.Join(' ', list.Cast<object>().Select(Text)),
        IFormattable number => number.ToString("g4", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    [TestMethod]
    public void WhatCannotBeHadIsRefused()
    {
        var config = Path.Combine(folder, "config.yaml");
        File.WriteAllText(config, "mixup: 0.2\n");
        StringAssert.Contains(Cli.Error("train", "--config", config), "mixup (0.2) is not supported");
    }
}
