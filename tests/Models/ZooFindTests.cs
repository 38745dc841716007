using System.Globalization;
using OnnxTimm.Models;
using OnnxTimm.ZooTools;

namespace OnnxTimm.Tests.Models;

/// <summary>The index says what the graphs, the records and timm's tables say, and answers questions.</summary>
[TestClass]
public sealed class ZooFindTests
{
    static readonly string[] Index = File.ReadAllLines(Path.Combine(Paths.Root, "models", "weights", "index.csv"));

    /// <summary>Parameters of all names are those of timm's structure.</summary>
    [TestMethod]
    public void ParametersAreTimms()
    {
        var rows = GoldenZoo.Read(Paths.Golden("zoo", "structure.jsonl.gz"));
        foreach (var row in Zoo.Find(new()).Where(row => rows.ContainsKey(row.Name)))
            Assert.AreEqual(rows[row.Name].GetProperty("param_count").GetInt64(), row.Params, row.Name);
    }

    /// <summary>Multiply-adds as in timm's tables, where the size is the default one.</summary>
    [TestMethod]
    public void WorkIsTimms()
    {
        var faults = File.ReadLines(Paths.Golden("zoo", "oracle.csv")).Skip(1).Select(line => line.Split(','))
            .Join(Zoo.Find(new()), timm => (timm[0], timm[1]), row => (row.Name, $"{row.ImgSize}"), (timm, row) =>
                (row.Name, row.GMacs, Timm: double.Parse(timm[3], CultureInfo.InvariantCulture)))
            .Where(row => Math.Abs(row.GMacs - row.Timm) > Math.Max(0.005 * row.Timm, 0.00501))
            .Select(row => $"{row.Name}: {row.GMacs}, timm {row.Timm}").ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    /// <summary>Lines of a few names are made anew, others each day.</summary>
    [TestMethod]
    public void TheIndexIsOfTheGraphs()
    {
        foreach (var name in Asked.Smallest(20))
            CollectionAssert.Contains(Index, IndexFiles.Line(name, IndexFiles.Speeds(name)));
        CollectionAssert.AreEqual(Zoo.Names.ToArray(), Index.Skip(1).Select(line => line.Split(',')[0]).ToArray());
    }

    [TestMethod]
    public void LicencesAreOfTheRecords()
    {
        var tags = Zoo.Find(new() { Pretrained = true });
        CollectionAssert.AreEqual(Zoo.List(pretrained: true).ToArray(), tags.Select(tag => tag.Name).ToArray());
        foreach (var tag in tags)
            Assert.AreEqual((Zoo.Resolve(tag.Name).License, Zoo.Resolve(tag.Name).NumClasses),
                (tag.License, tag.NumClasses), tag.Name);
    }

    /// <summary>Without a sort the rows are in the order of the file: that of timm.</summary>
    [TestMethod]
    public void TheIndexIsInNaturalOrder()
    {
        foreach (var rows in new[] { Zoo.Find(new()), Zoo.Find(new() { Pretrained = true }) })
            CollectionAssert.AreEqual(rows.OrderBy(row => row.Name, NaturalOrder.Instance).ToArray(), rows.ToArray());
    }

    /// <summary>Heads that are no set of classes are those that were trained against texts, and not tuned since.
    /// </summary>
    [TestMethod]
    public void ProjectionsAreOfTexts() => CollectionAssert.AreEqual(
        Zoo.Find(new() { Pretrained = true }).Where(tag => tag.NumClasses > 0 && !tag.Name.Contains("_ft_in")
            && (tag.Name.Contains("clip") || tag.Name.Contains("_pe_core_"))).ToArray(),
        Zoo.Find(new() { Pretrained = true }).Where(tag => tag.NumClasses > 0 && tag.Classifies == false).ToArray());

    /// <summary>
    /// The papers' figures of merged networks: RepVGG (arXiv:2101.03697, table 4, without its squeeze-and-excitation),
    /// MobileOne (arXiv:2206.04040, table 9).
    /// </summary>
    [TestMethod]
    [DataRow("repvgg_a0", 8.30, 1.4)]
    [DataRow("repvgg_b1", 51.82, 11.8)]
    [DataRow("mobileone_s1", 4.8, 0.825)]
    [DataRow("mobileone_s3", 10.1, 1.896)]
    public void MergedFormsAreThePapers(string name, double millions, double gmacs)
    {
        var row = Zoo.Find(new() { Patterns = [name] }).Single();
        Assert.AreEqual(millions, row.Merged!.Params / 1e6, 0.05, "M parameters, as rounded there");
        Assert.AreEqual(gmacs, row.Merged.GMacs, 0.05, "GMACs, as rounded there");
        Assert.IsLessThan(row.Params, row.Merged.Params);
    }

    /// <summary>Speeds as timm's tables have them; none where a table has another size of image.</summary>
    [TestMethod]
    [DataRow("resnet50", 30.48, 6356.0)]
    [DataRow("mobilenetv3_large_100", 135.11, 22036.0)]
    [DataRow("eva02_large_patch14_448", 0.42, 123.0)]
    [DataRow("naflexvit_base_patch16_gap", null, 1117.0)]
    [DataRow("cifar_resnet20", null, null)]
    public void SpeedsAreTimms(string name, double? cpu, double? gpu)
    {
        var row = Zoo.Find(new() { Patterns = [name] }).Single();
        Assert.AreEqual((cpu, gpu), (row.CpuSpeed, row.GpuSpeed));
    }

    [TestMethod]
    public void QuestionsAreAnswered()
    {
        var small = Zoo.Find(new() { Params = (null, 12), Patterns = ["resnet*"], Order = ZooOrder.Params });
        Assert.IsTrue(small.Any(row => row.Name == "resnet18") && small.All(row => row.Params <= 12_000_000));
        var best = Zoo.Find(new() { Licenses = ["apache-2.0"], Params = (null, 5), Order = ZooOrder.Top1, Top = 3 });
        Assert.HasCount(3, best);
        Assert.IsTrue(best[0].Top1 >= best[1].Top1 && best.All(row => row.License == "apache-2.0"));
        Assert.IsTrue(Zoo.Find(new() { Classifies = true }).All(row => row.NumClasses >= 1000));
        Assert.IsFalse(Zoo.Find(new() { Exclude = ["resnet*"] }).Any(row => row.Name == "resnet18"));
    }
}
