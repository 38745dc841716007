using System.Text.Json;
using System.Text.RegularExpressions;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed partial class ListInfoTests
{
    [TestMethod]
    public void ListsByWildcardInNaturalOrder() =>
        Assert.AreEqual("resnet10t\nresnet14t\nresnet18\nresnet18d\n",
            Cli.Output("list", "resnet1?*", "--module", "resnet")
            .Replace("resnet101\nresnet101c\nresnet101d\nresnet101s\nresnet152\nresnet152c\nresnet152d\nresnet152s\n", ""));

    [TestMethod]
    public void ListsTagsOfWeights() =>
        Assert.Contains("resnet50.a1_in1k\n", Cli.Output("list", "resnet50", "--pretrained"));

    /// <summary>What follows the flag's one word is a filter again.</summary>
    [TestMethod]
    public void ExcludesWithCommasBetween() => Assert.AreEqual("resnet18\nresnet18d\n",
        Cli.Output("list", "--exclude", "resnet10*,resnet15*,*t", "resnet1*"));

    /// <summary>MobileOne-S0 (arXiv:2206.04040, table 9): 2.1 M parameters and 275 M multiply-adds at inference.
    /// </summary>
    [TestMethod]
    public void ListsMergedForms()
    {
        var row = JsonDocument.Parse(Cli.Output("list", "mobileone_s0", "resnet18", "--merged", "--max-params", "3",
            "--json", "--details")).RootElement;
        Assert.AreEqual(1, row.GetArrayLength());
        Assert.AreEqual(2.1, row[0].GetProperty("params_m").GetDouble(), 0.05);
        Assert.AreEqual(0.275, row[0].GetProperty("gmacs").GetDouble(), 0.0005);
    }

    /// <summary>A head of CLIP tells no classes apart.</summary>
    [TestMethod]
    public void AProjectionGivesFeatures()
    {
        Assert.Contains("resnet50_clip.openai\n", Cli.Output("list", "resnet50*", "--task", "features"));
        Assert.DoesNotContain("resnet50_clip.openai\n", Cli.Output("list", "resnet50*", "--task", "classify"));
        Assert.Contains("1024 values that are compared with a text's", Cli.Output("info", "resnet50_clip.openai"));
    }

    /// <summary>Every answer of docs/choose.md is what its command prints.</summary>
    [TestMethod]
    public void ThePageOfQuestionsIsAnswered()
    {
        var page = File.ReadAllText(Path.Combine(Paths.Root, "docs", "choose.md"));
        var questions = Question().Matches(page);
        Assert.IsGreaterThanOrEqualTo(10, questions.Count);
        foreach (Match question in questions)
        {
            string[] words = [.. Word().Matches(question.Groups[1].Value).Select(w => w.Value.Trim('\''))];
            var rows = Cells(Cli.Output(["list", .. words, "--csv"]), ',');
            var shown = Cells(question.Groups[2].Value, '|');
            var columns = shown[0].Select(head => rows[0].IndexOf(head)).ToArray();
            string[] expected = [.. rows.Select(row => string.Join(' ', columns.Select(i => row[i])))];
            CollectionAssert.AreEqual(expected, shown.Where(row => row[0] != "---").Select(row => string.Join(' ', row))
                .ToArray(), question.Groups[1].Value);
        }
    }

    static List<string>[] Cells(string table, char between) => [.. table.TrimEnd('\n').Split('\n')
        .Select(line => line.Trim('|').Split(between).Select(cell => cell.Trim(' ', '`')).ToList())];

    [GeneratedRegex(@"^onnxtimm list (.*)\n```\n\n((?:\|.*\n)+)", RegexOptions.Multiline)]
    private static partial Regex Question();

    [GeneratedRegex(@"'[^']*'|[^ ]+")]
    private static partial Regex Word();

    [TestMethod]
    public void InfoShowsWeightsNeighboursAndUses()
    {
        var text = Cli.Output("info", "resnet18");
        string[] parts = ["resnet18.fb_ssl_yfcc100m_ft_in1k  ", "cc-by-nc-4.0", "smaller      resnet14t (10.08 M",
            "larger       resnet18d (11.71 M", "onnxtimm infer --model resnet18.a1_in1k --pretrained --data-dir PHOTOS",
            "onnxtimm train resnet18.a1_in1k --pretrained", "onnxtimm export resnet18.a1_in1k --pretrained"];
        foreach (var part in parts)
            StringAssert.Contains(text, part);
        var weights = JsonDocument.Parse(Cli.Output("info", "resnet18", "--json")).RootElement.GetProperty("weights");
        Assert.AreEqual("resnet18.a1_in1k", weights[0].GetProperty("name").GetString());
        Assert.AreEqual(73.164, weights[0].GetProperty("top1").GetDouble(), 1e-9);
    }

    [TestMethod]
    public void ListsAsJson() =>
        Assert.AreEqual("resnet18", JsonDocument.Parse(Cli.Output("list", "resnet18",
            "--json")).RootElement[0].GetString());

    /// <summary>timm: 25.557032 M parameters; 4.11 GMACs and 11.11 M activations in its tables.</summary>
    [TestMethod]
    public void InfoHasTimmsFigures()
    {
        var info = JsonDocument.Parse(Cli.Output("info", "resnet50", "--json")).RootElement;
        Assert.AreEqual(25557032, info.GetProperty("params").GetInt64());
        Assert.AreEqual(4.11, info.GetProperty("gmacs").GetDouble());
        Assert.AreEqual(11.11, info.GetProperty("macts").GetDouble(), 0.01);
        Assert.AreEqual(2048, info.GetProperty("num_features").GetInt64());
    }

    [TestMethod]
    public void InfoTakesAnotherSizeAndHead()
    {
        var info = JsonDocument.Parse(Cli.Output("info", "resnet18", "--img-size", "96", "--num-classes", "10",
            "--json")).RootElement;
        Assert.AreEqual(96, info.GetProperty("img_size").GetInt32());
        Assert.AreEqual(11689512 - 513 * 990, info.GetProperty("params").GetInt64());
    }

    [TestMethod]
    public void InfoTellsThePatchesOfANameThatTakesThem()
    {
        Assert.Contains("patches      with --naflex, of images of any shape, at most 576 patches of 16 x 16",
            Cli.Output("info", "naflexvit_base_patch16_gap"));
        Assert.DoesNotContain("patches ", Cli.Output("info", "vit_tiny_patch16_224"));
    }

    /// <summary>Of the first convolution's three channels one is left; dilation has no weights, but work.</summary>
    [TestMethod]
    public void InfoTakesAnotherInputAndStride()
    {
        string[] command = ["info", "resnet18", "--input-size", "1", "64", "96", "--json"];
        var plain = JsonDocument.Parse(Cli.Output(command)).RootElement;
        var dilated = JsonDocument.Parse(Cli.Output([.. command, "--model-kwargs", "output_stride=8"])).RootElement;
        CollectionAssert.AreEqual(new[] { 1, 64, 96 },
            plain.GetProperty("input_size").EnumerateArray().Select(d => d.GetInt32()).ToArray());
        Assert.AreEqual(11689512 - 2 * 64 * 49, dilated.GetProperty("params").GetInt64());
        Assert.IsGreaterThan(2 * plain.GetProperty("gmacs").GetDouble(), dilated.GetProperty("gmacs").GetDouble());
    }

    [TestMethod]
    [DataRow("Did you mean \"resnet50\"?", "info", "resnet5O")]
    [DataRow("Did you mean \"list\"?", "lst")]
    [DataRow("Did you mean \"--pretrained\"?", "list", "--pretraind")]
    [DataRow("Did you mean \"resnet\"?", "list", "--module", "resnetz")]
    [DataRow("No model matches", "list", "nothing*")]
    [DataRow("--top needs a value.", "list", "--top")]
    [DataRow("--max-params needs a value.", "list", "--max-params", "--pretrained")]
    [DataRow("--img-size needs a value.", "info", "resnet18", "--img-size")]
    [DataRow("No module \"foo\". There are: beit, byoanet,", "list", "--module", "foo")]
    [DataRow("--min-top1 is in per cent: 75, not 0.75.", "list", "--min-top1", "0.75")]
    [DataRow("--min-top1 must be from 0 to 100", "list", "--min-top1", "101")]
    [DataRow("Either --csv or --json, not both.", "list", "--csv", "--json")]
    [DataRow("No model matches \"resnet\". Did you mean 'resnet*'?", "list", "resnet")]
    [DataRow("No model matches \"resnt*\". Did you mean \"resnet*\"?", "list", "resnt*")]
    [DataRow("and the rest that is asked.", "list", "resnet*", "--max-params", "0")]
    [DataRow("No license \"apache\". There are: apache-2.0,", "list", "--license", "apache")]
    [DataRow("There are: name, top1, params, gmacs, cpu, gpu.", "list", "--sort", "size")]
    [DataRow("info needs the name", "info")]
    [DataRow("tresnet_m has no output_stride", "info", "tresnet_m", "--model-kwargs", "output_stride=16")]
    [DataRow("--img-size", "info", "resnet18", "--img-size", "large")]
    public void AMistakeIsOneMessage(string message, params string[] args) => Assert.Contains(message, Cli.Error(args));

    [TestMethod]
    public void HelpSaysWhatThereIs()
    {
        Assert.Contains("info", Cli.Output());
        Assert.Contains("--module", Cli.Output("list", "--help"));
    }
}
