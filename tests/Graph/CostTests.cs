using System.Globalization;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Graphs;

/// <summary>
/// Parameters, multiply-adds and activations against timm's benchmark tables (tests/golden/zoo/oracle.csv). The row of
/// ecaresnext50t_32x4d is left out: timm measured it with two blocks a stage and has since given it fifty layers.
/// </summary>
[TestClass]
public sealed class CostTests
{
    sealed record Row(string Arch, int Size, double Params, double Gmacs, double Macts);

    [TestMethod]
    [TestCategory("all")]
    public void EveryModelCostsWhatTimmSays()
    {
        var known = Zoo.Names.ToHashSet();
        var faults = Rows().Where(r => known.Contains(r.Arch)).SelectMany(Faults).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults.Take(60))}");
    }

    [TestMethod]
    [DataRow("resnet50")]
    [DataRow("seresnextaa101d_32x8d")]
    [DataRow("resnet50_gn")]
    public void AModelCostsWhatTimmSays(string arch)
    {
        var faults = Rows().Where(r => r.Arch == arch).SelectMany(Faults).ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    static IEnumerable<Row> Rows() => File.ReadLines(Paths.Golden("zoo", "oracle.csv")).Skip(1).Select(line => line.Split(','))
        .Select(c => new Row(c[0], int.Parse(c[1]), Number(c[2]), Number(c[3]), Number(c[4])));

    static IEnumerable<string> Faults(Row row)
    {
        var model = Zoo.Build(row.Arch, new() { ImgSize = (row.Size, row.Size) });
        var cost = Cost.Of(model.Graph);
        (string, double, double)[] pairs =
        [
            ("params", row.Params, model.ParamCount / 1e6),
            ("GMACs", row.Gmacs, cost.Macs / 1e9),
            ("MActs", row.Macts, cost.Activations / 1e6),
        ];
        return pairs.Where(p => Math.Abs(p.Item2 - p.Item3) > Tolerances.Get("graph/cost"))
            .Select(p => $"{row.Arch} at {row.Size}: {p.Item1} {p.Item3:F4}, timm has {p.Item2}.");
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
