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

    /// <summary>Without a split for it, the images to train on would be validated on.</summary>
    [TestMethod]
    [DataRow("train/a/1.png train/b/2.png test/a/3.png", "There are test, train. Give --val-split NAME, --val-share")]
    [DataRow("a/1.png b/2.png", "nothing to validate on but the images to train on")]
    [DataRow("train/a/1.png train/b/2.png", "No split \"tset\"", "--val-split", "tset")]
    [DataRow("train/a/1.png train/b/2.png", "too few to keep a share", "--val-share", "0.1")]
    [DataRow("train/a/1.png val/b/2.png", "Either --val-split or", "--val-split", "val", "--val-share", "0.1")]
    [DataRow("train/a/1.png", "--val-share must be from 0 to below 1, not 1.5", "--val-share", "1.5")]
    public void TrainingImagesAreNotValidatedOnUnasked(string files, string message, params string[] flags)
    {
        foreach (var file in files.Split(' '))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), "");
        }
        StringAssert.Contains(Cli.Error(["train", folder, "--model", "cifar_resnet20", .. flags]),
            message);
    }

    /// <summary>A run's args.yaml may be lost, or emptied by a full disk; its checkpoint has the options.</summary>
    [TestMethod]
    [DataRow(null, "lamb")]
    [DataRow("", "lamb")]
    [DataRow("\0\0\n", "lamb")]
    [DataRow("opt: adamw\n", "adamw")]
    public void OptionsThatAreLostAreTheCheckpoints(string? args, string expected)
    {
        var progress = new TrainProgress
        {
            Epoch = 1,
            Batch = 0,
            Loss = (0, 0),
            Updates = 5,
            Schedule = [],
            Results = [],
            History = CheckpointHistory.Empty,
            Named = 0,
            Metric = null,
        };
        var last = Path.Combine(folder, "last.safetensors");
        TrainCheckpoint.Write(last, [KeyValuePair.Create("w", Tensor.Of([1f], 1))],
            progress.ToFacts().Append(new(TrainCheckpoint.ArgsKey, "opt: lamb\nepochs: 7\n")).ToDictionary());
        if (args is not null)
            File.WriteAllText(Path.Combine(folder, "args.yaml"), args);
        foreach (var resume in new[] { folder, last })
            Assert.AreEqual(expected, Parse("--resume", resume).Opt, resume);
    }

    [TestMethod]
    public void WhatCannotBeHadIsRefused()
    {
        var config = Path.Combine(folder, "config.yaml");
        File.WriteAllText(config, "sync_bn: true\n");
        StringAssert.Contains(Cli.Error("train", "--config", config), "--sync-bn is not to be had");
    }
}
