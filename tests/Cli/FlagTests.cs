using System.Reflection;
using CommandLine;
using OnnxTimm.Cli;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Verbs;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>Flags are read as argparse reads timm's, and numbers are what they may be, before any work.</summary>
[TestClass]
public sealed class FlagTests
{
    static IEnumerable<PropertyInfo> Flags => typeof(IVerb).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && typeof(IVerb).IsAssignableFrom(t)).SelectMany(t => t.GetProperties())
        .Where(p => p.GetCustomAttribute<OptionAttribute>() is not null);

    [TestMethod]
    public void EveryNumberHasARange()
    {
        Type[] numbers = [typeof(int), typeof(long), typeof(ulong), typeof(float), typeof(double)];
        var without = Flags.Where(p => numbers.Contains(p.PropertyType.IsGenericType
                ? p.PropertyType.GenericTypeArguments[0] : p.PropertyType))
            .Select(p => p.GetCustomAttribute<OptionAttribute>()!.LongName).Except(NumberRanges.Flags);
        Assert.AreEqual("", string.Join(", ", without));
    }

    [TestMethod]
    [DataRow("--lr takes a number, not \"0,001\"", "--lr", "0,001")]
    [DataRow("--momentum takes a number, not \"0,9\"", "--momentum=0,9")]
    [DataRow("--opt-betas takes a number, not \"0,99\"", "--opt-betas", "0.9", "0,99")]
    [DataRow("--lr must be at least 0, not -0.1.", "--lr", "-0.1")]
    [DataRow("--lr must be at least 0, not inf.", "--lr", "Infinity")]
    [DataRow("--lr must be at most 1000000, not 1e+300.", "--lr", "1e300")]
    [DataRow("--weight-decay must be at most 1000000, not 1e+30.", "--weight-decay", "1e30")]
    [DataRow("--opt-eps must be at most 3.4028234663852886E+38, not 1e+300.", "--opt-eps", "1e300")]
    [DataRow("--poly-epsilon must be at most 1000000, not 1e+300.", "--poly-epsilon", "1e300")]
    [DataRow("--layer-decay must be greater than 0, not 0.0.", "--layer-decay", "0")]
    [DataRow("--weight-decay must be at least 0, not nan.", "--weight-decay", "nan")]
    [DataRow("--momentum must be from 0 to below 1, not 9.0.", "--momentum", "9")]
    [DataRow("--opt-betas must be from 0 to below 1, not 9.0.", "--opt-betas", "9", "999")]
    [DataRow("--model-ema-decay must be from 0 to below 1, not 5.0.", "--model-ema-decay", "5")]
    [DataRow("--smoothing must be from 0 to below 1, not 3.0.", "--smoothing", "3")]
    [DataRow("--log-interval must be at least 1, not 0.", "--log-interval", "0")]
    [DataRow("--val-interval must be at least 1, not 0.", "--val-interval", "0")]
    [DataRow("--grad-accum-steps must be at least 1, not -1.", "--grad-accum-steps", "-1")]
    [DataRow("--checkpoint-hist must be at least 1, not 0.", "--checkpoint-hist", "0")]
    [DataRow("--decay-epochs must be greater than 0, not 0.0.", "--decay-epochs", "0")]
    [DataRow("--std must be greater than 0, not 0.0.", "--std", "0", "0", "0")]
    [DataRow("--start-epoch must be at least 0, not -3.", "--start-epoch", "-3")]
    [DataRow("--img-size must be from 1 to 16384, not 16385.", "--img-size", "16385")]
    [DataRow("--crop-pct must be from 0.01 to 100, not 0.0.", "--crop-pct", "0")]
    [DataRow("--workers must be from 0 to 256, not 2147483647.", "--workers", "2147483647")]
    [DataRow("\"eps\" of the optimizer adamw must be at least 0, not -1.0.", "--opt=adamw", "--opt-kwargs", "eps=-1")]
    [DataRow("\"eps\" of the optimizer adamw must be at least 0, not nan.", "--opt=adamw", "--opt-kwargs", "eps=nan")]
    [DataRow("\"momentum\" of the optimizer sgd must be from 0 to below 1, not 9.0.", "--opt-kwargs", "momentum=9")]
    [DataRow("\"alpha\" of the optimizer rmsproptf must be from 0 to below 1, not 1.0.", "--opt=rmsproptf",
        "--opt-kwargs", "alpha=1")]
    [DataRow("\"max_grad_norm\" of the optimizer lamb must be greater than 0, not 0.0.", "--opt=lamb",
        "--opt-kwargs", "max_grad_norm=0")]
    [DataRow("\"betas\" of the optimizer adamw must be two numbers", "--opt=adamw", "--opt-kwargs", "betas=(0.9, 1)")]
    [DataRow("No optimizer \"sdg\"", "--opt", "sdg")]
    [DataRow("No eval-metric \"acc1\". There are: top1, top5, loss.", "--eval-metric", "acc1")]
    [DataRow("--tta is not to be had", "--tta", "2")]
    [DataRow("--crop-mode is no flag of train, but of embed, infer, validate", "--crop-mode", "border")]
    public void WhatCannotBeIsOneLine(string message, params string[] args) =>
        StringAssert.Contains(Cli.Error(["train", .. args]), message);

    [TestMethod]
    [DataRow("lr: 0,001", "lr must be a number, not \"0,001\"")]
    [DataRow("momentum: 9", "momentum must be from 0 to below 1, not 9.0.")]
    [DataRow("opt_betas: [9, 999]", "opt_betas must be from 0 to below 1, not 9.0.")]
    [DataRow("lr: .nan", "lr must be")]
    [DataRow("schedd: step", "there is no option schedd. Did you mean \"sched\"?")]
    public void AFileOfOptionsIsReadAsFlagsAre(string yaml, string message)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["c.yaml"], yaml);
        StringAssert.Contains(Cli.Error("train", "--config", folder["c.yaml"]), message);
    }

    /// <summary>What args.yaml of timm's train.py has is known, also where it changes nothing here.</summary>
    [TestMethod]
    public void KeysOfTimmAreNoMistakes()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["c.yaml"], "amp_dtype: float16\npin_mem: true\nworld_size: 1\nlog_wandb: false\n");
        StringAssert.Contains(Cli.Error("train", "--config", folder["c.yaml"]), "world_size");
        File.WriteAllText(folder["c.yaml"], "amp_dtype: float16\npin_mem: true\nlog_wandb: false\n");
        StringAssert.Contains(Cli.Error("train", "--config", folder["c.yaml"]), "nothing to train on");
    }

    [TestMethod]
    [DataRow("mean: ", "[", "]")]
    [DataRow("a: ", "{a: ", "}")]
    public void DeepYamlIsOneLine(string key, string open, string close)
    {
        using var folder = new TempFolder();
        string Times(string text) => string.Concat(Enumerable.Repeat(text, 50_000));
        File.WriteAllText(folder["c.yaml"], $"{key}{Times(open)}{Times(close)}\n");
        StringAssert.Contains(Cli.Error("train", "--config", folder["c.yaml"]), "is no YAML file of options");
    }

    [TestMethod]
    public void OfAFlagGivenTwiceTheLastHolds()
    {
        var verb = (TrainVerb)Parse("train", "--opt", "sgd", "--scale", "0.1", "1", "--lr=1", "--opt", "lamb",
            "--scale", "0.5", "0.5", "--lr", "0.5", "--opt-kwargs", "eps=1", "eps=2")!;
        Assert.AreEqual(("lamb", 0.5), (verb.Opt, verb.Lr));
        CollectionAssert.AreEqual(new[] { 0.5, 0.5 }, verb.Scale.ToArray());
        Assert.AreEqual("2", KeyValues.Parse(verb.OptKwargs, "option")["eps"]);
    }

    [TestMethod]
    public void TheModelIsAFlagOrAWord()
    {
        Assert.AreEqual("resnet18", ((ExportVerb)Parse("export", "--output", "x", "--model", "resnet18")!).Model);
        Assert.AreEqual("resnet18", ((ExportVerb)Parse("export", "--model=resnet18", "--output", "x")!).Model);
        Assert.AreEqual("resnet18", ((BenchmarkVerb)Parse("benchmark", "resnet18", "--bench", "train")!).Model);
        Assert.AreEqual("resnet18", ((BenchmarkVerb)Parse("benchmark", "-m", "resnet18")!).Model);
    }

    public static IEnumerable<object[]> Verbs => VerbRow.All.Select(v => new object[] { v.Name });

    [TestMethod]
    [DynamicData(nameof(Verbs))]
    public void HelpIsAskedForInSeveralWays(string verb)
    {
        var help = Cli.Output(verb, "--help");
        StringAssert.StartsWith(help, $"onnxtimm {verb}: ");
        Assert.AreEqual(help, Cli.Output(verb, "-h"));
        Assert.AreEqual(help, Cli.Output("help", verb));
        Assert.AreEqual(help, Cli.Output(verb, "--json", "-h"), "beside another flag, known or not");
    }

    [TestMethod]
    public void WhateverGoesWrongIsOneLine()
    {
        var error = new StringWriter();
        Assert.AreEqual(1, Program.Run(["list"], new(new Broken(), error)));
        Assert.AreEqual("onnxtimm: This should not happen: InvalidOperationException: broken "
            + $"Please report it with what ONNXTIMM_TRACE=1 prints.{Environment.NewLine}", error.ToString());
    }

    static IVerb? Parse(string name, params string[] args)
    {
        var row = VerbRow.All.Single(v => v.Name == name);
        return row.Parse(row, args, new(TextWriter.Null, TextWriter.Null));
    }

    sealed class Broken : StringWriter
    {
        public override void WriteLine(string? value) => throw new InvalidOperationException("broken");
    }
}
