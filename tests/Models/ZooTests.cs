using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Level 0 of the ladder: the lists of names agree.</summary>
[TestClass]
public sealed class ZooTests
{
    [TestMethod]
    public void EveryFamilyHasTheNamesOfItsModule()
    {
        foreach (var family in Zoo.Families)
            CollectionAssert.AreEqual(family.Names.Order(NaturalOrder.Instance).ToArray(),
                Zoo.List(module: family.Module).ToArray(), family.Module);
        CollectionAssert.AreEqual(Zoo.Modules.ToArray(), Zoo.Families.Select(f => f.Module).ToArray());
    }

    [TestMethod]
    public void EveryRecordPointsAtARow()
    {
        foreach (var family in Zoo.Families)
        {
            var names = family.Names.ToHashSet();
            Assert.IsTrue(Pretrained.Of(family.Module).Values.All(r => names.Contains(r.Architecture)), family.Module);
        }
    }

    [TestMethod]
    [DataRow("tv_densenet121", "densenet121.tv_in1k")]
    [DataRow("vit_base_patch16_224_in21k", "vit_base_patch16_224.augreg_in21k")]
    public void ADeprecatedNameLeadsToItsSuccessor(string old, string name) =>
        Assert.AreEqual(name, Zoo.Resolve(old).Name);

    /// <summary>What tools/records.cs wrote has every field of timm's.</summary>
    [TestMethod]
    public void RecordsAreTimms()
    {
        string[] files = ["timm_pretrained_cfgs.json", "timm_pretrained_cfgs_late.json"];
        var timm = files.Select(file => JsonElement.Parse(File.ReadAllBytes(Paths.Shared("reference", "timm", file))));
        var cfgs = timm.SelectMany(module => module.EnumerateObject()).ToArray();
        foreach (var family in Zoo.Families.Where(f => cfgs.Any(c => c.Name == $"{f.Module}.py")))
        {
            var here = Pretrained.Of(family.Module);
            foreach (var record in cfgs.Where(c => c.Name == $"{family.Module}.py").SelectMany(c =>
                c.Value.EnumerateObject()).Where(r => family.Names.Contains(r.Name.Split('.')[0])))
                foreach (var (name, field) in record.Value.EnumerateObject()
                    .Where(f => f.Value.ValueKind != JsonValueKind.Null).Select(f => (f.Name, f.Value)))
                    Assert.IsTrue(here.TryGetValue(record.Name, out var own)
                        && own.Fields.TryGetValue(name, out var value) && JsonElement.DeepEquals(value, field),
                        $"{record.Name}: {name}");
        }
    }
}
