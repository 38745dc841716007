using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>GluonCV's names in all their forms become timm's (names and pairs: GluonCV 0.10.5, timm 1.0.31).</summary>
[TestClass]
public sealed class GluonRenameTests
{
    static readonly Network[] Networks =
        [.. GoldenZoo.Read(Paths.Golden("convert", "gluon.jsonl.gz")).Select(row => Network.Parse(row.Key, row.Value))];

    public static IEnumerable<string> Cases => Networks.Select(network => network.Case);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Attributes(string name) => Check(name, t => t.Attribute);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void CountersWithThePrefixOfTheNetwork(string name) => Check(name, t => t.Counter);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void CountersWithoutIt(string name)
    {
        var prefix = Find(name).Tensors[0].Counter.Split("conv0_")[0];
        Check(name, t => t.Counter[prefix.Length..]);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void AListWithoutNames(string name)
    {
        var network = Find(name);
        var file = File(network.Tensors.Select((t, i) => ($"{i}", t.Shape)));
        Check(network, RenameTables.Apply(file, network.Model));
    }

    /// <summary>Old Python dictionaries had no order.</summary>
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TheOrderOfTheFileDoesNotMatter(string name)
    {
        var network = Find(name);
        var shuffled = network.Tensors.ToArray();
        new Random(1).Shuffle(shuffled);
        foreach (var naming in new Func<Named, string>[] { t => t.Attribute, t => t.Counter })
            Check(network, RenameTables.Apply(File(shuffled.Select(t => (naming(t), t.Shape))), network.Model));
    }

    /// <summary>Each table leaves timm's own names alone.</summary>
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TimmsNamesStay(string name)
    {
        var network = Find(name);
        foreach (var table in RenameTables.All.Where(table =>
            table.Origin.StartsWith("Gluon", StringComparison.Ordinal) && table.Rows is not [ByPosition]))
            CollectionAssert.AreEqual(
                network.Tensors.Select(t => t.Timm).ToArray(),
                table.Rows.Aggregate(
                    (IReadOnlyList<Entry>)[.. network.Model.Select(t => new Entry(t.Name, Empty(t.Shape)))],
                    (entries, row) => [.. row.Apply(entries, network.Model)]).Select(e => e.Name).ToArray(),
                table.Origin);
    }

    [TestMethod]
    public void ALayerTooManyIsNamedAndTheOthersAreNot()
    {
        var network = Find("densenet");
        var file = File([.. network.Tensors.Select(t => (t.Attribute, t.Shape)), ("features.99.weight", [16])]);
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, network.Model));
        StringAssert.EndsWith(error.Message, "In the file, not in the model (1): features.99.weight.");
    }

    static void Check(string name, Func<Named, string> naming)
    {
        var network = Find(name);
        var file = File(network.Tensors.Select(t => (naming(t), t.Shape)));
        Check(network, RenameTables.Apply(file, network.Model));
    }

    static void Check(Network network, Renamed renamed)
    {
        CollectionAssert.AreEquivalent(
            network.Tensors.Select(t => t.Timm).ToArray(), renamed.Entries.Select(e => e.Name).ToArray());
        var shapes = network.Model.ToDictionary(t => t.Name, t => string.Join(", ", t.Shape));
        foreach (var entry in renamed.Entries)
            Assert.AreEqual(shapes[entry.Name], string.Join(", ", entry.Tensor.Shape), entry.Name);
        var sources = network.Tensors.ToDictionary(t => t.Timm);
        foreach (var entry in renamed.Entries.Where(e => !char.IsDigit(e.Sources[0][0])))
            Assert.IsTrue(entry.Sources[0] == sources[entry.Name].Attribute
                || sources[entry.Name].Counter.EndsWith(entry.Sources[0], StringComparison.Ordinal),
                    $"{entry.Sources[0]} to {entry.Name}");
    }

    static Network Find(string name) => Networks.Single(network => network.Case == name);

    static StateDict File(IEnumerable<(string Name, long[] Shape)> tensors)
    {
        var file = new StateDict("memory.params");
        foreach (var (name, shape) in tensors)
            file.Add(name, Empty(shape));
        return file;
    }

    static Tensor Empty(long[] shape) => new(DType.Float32, shape, () =>
        throw new InvalidOperationException("No content."));

    /// <param name="Attribute">Name by attributes and numbers (save_parameters).</param>
    /// <param name="Counter">Name by counters (collect_params).</param>
    /// <param name="Shape">The shape on both sides.</param>
    /// <param name="Timm">timm's name.</param>
    sealed record Named(string Attribute, string Counter, long[] Shape, string Timm);

    sealed record Network(string Case, Named[] Tensors)
    {
        public (string Name, long[] Shape)[] Model { get; } = [.. Tensors.Select(t => (t.Timm, t.Shape))];

        public static Network Parse(string name, JsonElement row) => new(name,
        [
            .. row.GetProperty("tensors").EnumerateArray().Select(t => new Named(
                t[0].GetString()!, t[1].GetString()!, [.. t[2].EnumerateArray().Select(d => d.GetInt64())],
                    t[3].GetString()!)),
        ]);
    }
}
