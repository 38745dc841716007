using System.Globalization;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Graphs;

/// <summary>
/// Parameters, multiply-adds and activations against timm's benchmark tables (tests/golden/zoo/oracle.csv). Two rows
/// are left out because the model has changed since it was measured: ecaresnext50t_32x4d had two blocks a stage, and
/// the pool of vit_so150m_patch16_reg4_map_256 read the registers too.
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
    [DataRow("tf_efficientnet_lite0")]
    [DataRow("efficientnet_cc_b0_8e")]
    [DataRow("vit_tiny_patch16_224")]
    [DataRow("vit_dwee_patch16_reg1_gap_256")]
    [DataRow("resnetv2_50x1_bit")]
    [DataRow("resnetv2_50d_frn")]
    [DataRow("vit_tiny_r_s16_p8_224")]
    [DataRow("gmlp_ti16_224")]
    [DataRow("nest_tiny")]
    public void AModelCostsWhatTimmSays(string arch)
    {
        var faults = Rows().Where(r => r.Arch == arch).SelectMany(Faults).ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    static IEnumerable<Row> Rows() => File.ReadLines(Paths.Golden("zoo", "oracle.csv")).Skip(1).Select(line =>
        line.Split(','))
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
