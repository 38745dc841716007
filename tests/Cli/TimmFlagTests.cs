using System.Reflection;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Verbs;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>Every flag of timm's scripts works, changes nothing for a reason that is said, or is refused.</summary>
[TestClass]
public sealed class TimmFlagTests
{
    static readonly (string Script, string Verb)[] Scripts =
    [
        ("train.py", "train"),
        ("validate.py", "validate"),
        ("inference.py", "infer"),
        ("benchmark.py", "benchmark"),
        ("onnx_export.py", "export"),
        ("avg_checkpoints.py", "average"),
        ("clean_checkpoint.py", "clean"),
        ("bulk_runner.py", "bulk"),
    ];

    /// <summary>The arguments of timm's parsers: script, names, values behind it.</summary>
    static IEnumerable<(string Verb, string[] Names, string Takes)> Timms =>
        from row in Csv.Rows(File.ReadAllText(Paths.Golden("cli", "flags.csv")), "flags.csv").Skip(1)
        let script = Scripts.FirstOrDefault(s => s.Script == row.Cells[0])
        where script.Verb is not null && !row.Cells[1].StartsWith("script", StringComparison.Ordinal)
        select (script.Verb, row.Cells[1].Split(' '), row.Cells[2]);

    [TestMethod]
    public void EveryFlagHasAnAnswer() => None(
        from flag in Timms
        where !flag.Names.Any(name => Own(flag.Verb).Contains(name) || Own(flag.Verb).Contains($"--{name}")
            || TimmFlags.Aliases.ContainsKey(name) || TimmFlags.Of(flag.Verb).Any(f => f.Name == name))
        select $"{flag.Verb}: {string.Join(' ', flag.Names)}");

    /// <summary>An answer stands for what is not there, and for what timm has.</summary>
    [TestMethod]
    public void EveryAnswerIsNeeded()
    {
        None(from row in VerbRow.All
             from flag in TimmFlags.Of(row.Name)
             where Own(row.Name).Contains(flag.Name)
             select $"{row.Name} has {flag.Name}");
        None(from script in Scripts
             from flag in TimmFlags.Of(script.Verb)
             let timm = Timms.FirstOrDefault(t => t.Verb == script.Verb && t.Names.Contains(flag.Name))
             where timm.Takes is { } takes && takes != flag.Takes
             select $"{script.Verb} {flag.Name}: {timm.Takes}, not {flag.Takes}");
        None(TimmFlags.All.SelectMany(f => f.Verbs.Split(' ')).Distinct().Except(VerbRow.All.Select(v => v.Name)));
        None(TimmFlags.Aliases.Values.Except(VerbRow.All.SelectMany(v => Own(v.Name))).Except(["--help"]));
    }

    public static IEnumerable<object[]> Rows => VerbRow.All.Where(v => TimmFlags.Of(v.Name).Any())
        .Select(v => new object[] { v.Name });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void FlagsThatChangeNothingAreTakenWithTheirValuesAndALine(string verb)
    {
        foreach (var flag in TimmFlags.Of(verb).OfType<TimmFlag.Taken>())
        {
            string[] values = flag.Takes switch { "" => [], "+" => ["1", "2"], _ => ["1"] };
            var (parsed, said) = Parse(verb, [flag.Name, .. values, "--help"]);
            Assert.IsNull(parsed, flag.Name);
            Assert.AreEqual($"onnxtimm: {flag.Sentence}\n", said);
            if (flag.Takes is "1")
                Assert.AreEqual(said, Parse(verb, [$"{flag.Name}=1", "--help"]).Said);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void FlagsThatAreNotToBeHadSayWhatIs(string verb)
    {
        foreach (var flag in TimmFlags.Of(verb).OfType<TimmFlag.Refused>())
        {
            StringAssert.Contains(Cli.Error([verb, flag.Name, .. flag.Takes.Length > 0 ? new[] { "7" } : []]),
                flag.Sentence);
            if (flag.Takes == "1")
                Assert.AreEqual("", Parse(verb, [flag.Name, flag.Same.Length > 0 ? flag.Same : "0", "--help"]).Said);
        }
    }

    [TestMethod]
    [DataRow("sync_bn: true", "--sync-bn is not to be had: a training is one process")]
    [DataRow("tta: 2", "--tta is not to be had")]
    [DataRow("drop_connect: 0.1", "--drop-path is its name today")]
    [DataRow("model_dtype: bfloat16", "--amp with --amp-dtype float16 or bfloat16 computes in half precision")]
    [DataRow("model_kwargs: {window: 3}", "no keyword \"window\"")]
    public void FilesOfOptionsGetTheSameAnswers(string yaml, string message)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["c.yaml"], $"data_dir: {Paths.Golden("..", "..", "demo", "sign-digits")}\n"
            + $"val_split: val\nmodel: test_resnet\n{yaml}\n");
        StringAssert.Contains(Cli.Error("train", "--config", folder["c.yaml"]), message);
    }

    /// <summary>What timm's train.py writes names every flag, also those that change nothing here.</summary>
    [TestMethod]
    public void TheFileOfARunOfTimmsIsTaken()
    {
        var verb = (TrainVerb)Parse("train", "--config", Paths.Golden("training", "args.yaml")).Verb!;
        Assert.AreEqual("adamw", verb.Opt);
        var keys = File.ReadLines(Paths.Golden("training", "args.yaml")).Select(line => line.Split(':')[0]).ToHashSet();
        None(Timms.Where(t => t.Verb == "train").Select(t => t.Names[^1].TrimStart('-').Replace('-', '_'))
            .Except(keys).Except(["config", "dr", "train_steps_per_epoch"]));
    }

    /// <summary>Files of timm before 1.0 have keys that are called otherwise since, or are gone.</summary>
    [TestMethod]
    public void OlderFilesOfTimmsAreTaken()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["c.yaml"], "amp: true\namp_impl: native\napex_amp: false\nbn_tf: false\njsd: true\n"
            + "aug_splits: 2\nforce_cpu: false\ndynamo_backend: null\nnative_amp: false\nlr: 0.0\nlr_base: 0.5\n");
        var verb = (TrainVerb)Parse("train", "--config", folder["c.yaml"]).Verb!;
        Assert.AreEqual((true, true, 2, 0.5), (verb.Amp, verb.JsdLoss, verb.AugSplits, verb.LrBase));
        File.WriteAllText(folder["d.yaml"], "native_amp: true\n");
        Assert.IsTrue(((TrainVerb)Parse("train", "--config", folder["d.yaml"]).Verb!).Amp);
        File.WriteAllText(folder["e.yaml"], "bn_tf: true\n");
        StringAssert.Contains(Cli.Error("train", "--config", folder["e.yaml"]), "--bn-momentum 0.01");
    }

    public static IEnumerable<object[]> Page => File.ReadLines(Paths.Golden("cli", "training-page.txt"))
        .Select(line => new object[] { line });

    /// <summary>The command lines of timm's page on training; one has a slash too many.</summary>
    [TestMethod]
    [DynamicData(nameof(Page))]
    public void CommandLinesOfTimmsPageAreTaken(string line)
    {
        var words = line.Replace(" /--", " --").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (verb, args) = words[1] switch
        {
            "validate.py" => ("validate", words[2..]),
            "inference.py" => ("infer", words[2..]),
            _ => ("train", words[2..]),
        };
        var parsed = Parse(verb, args).Verb!;
        Assert.IsEmpty(parsed.Surplus);
        if (parsed is TrainVerb train)
        {
            train.Check();
            Assert.AreEqual(words[Array.IndexOf(words, "--model") + 1], train.Model);
            Assert.AreEqual(args.Contains("--jsd"), train.JsdLoss, "a clear beginning stands for the flag");
        }
    }

    [TestMethod]
    public void BeginningsOfSeveralFlagsStandForNone()
    {
        StringAssert.Contains(Cli.Error("train", "--mixup-p", "0.5", "--mix", "1"), "train has no flag --mix.");
        Assert.AreEqual(0.5, ((TrainVerb)Parse("train", "--mixup-p", "0.5").Verb!).MixupProb);
        Assert.AreEqual(0.97, ((TrainVerb)Parse("train", "--dr=0.97").Verb!).DecayRate);
    }

    /// <summary>The help and the page show each answer.</summary>
    [TestMethod]
    public void AnswersAreShown()
    {
        var page = File.ReadAllText(Path.Combine(Paths.Root, "docs", "timm-flags.md"));
        None(TimmFlags.All.Select(flag => $"| `{flag.Name}` | {flag.Verbs.Replace(" ", ", ")} | {flag.Answer} |")
            .Where(row => !page.Contains(row)));
        Assert.AreEqual(TimmFlags.All.Count, page.Split("\n| `--").Length - 1);
        foreach (var row in VerbRow.All)
        {
            var help = string.Join(' ', Cli.Output(row.Name, "--help").Split((char[]?)null,
                StringSplitOptions.RemoveEmptyEntries));
            None(TimmFlags.Of(row.Name).Select(flag => $"{flag.Name} {flag.Answer}").Where(a => !help.Contains(a)));
        }
    }

    static HashSet<string> Own(string verb) =>
    [
        .. typeof(IVerb).Assembly.GetTypes().Single(t => t.Name.Equals($"{verb}Verb", StringComparison.OrdinalIgnoreCase))
            .GetProperties().SelectMany(p => p.GetCustomAttribute<OptionAttribute>() is { } option
                ? [$"--{option.LongName}", $"-{option.ShortName}"]
                : p.GetCustomAttribute<ValueAttribute>()?.MetaName is { Length: > 0 } name
                    ? (string[])[name, $"--{name}"] : []),
    ];

    static (IVerb? Verb, string Said) Parse(string name, params string[] args)
    {
        var row = VerbRow.All.Single(v => v.Name == name);
        using var said = new StringWriter { NewLine = "\n" };
        return (row.Parse(row, args, new(TextWriter.Null, said)), said.ToString());
    }

    static void None(IEnumerable<string> faults) => Assert.AreEqual("", string.Join("\n", faults));
}
