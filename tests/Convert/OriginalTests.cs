using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Checkpoints in the forms of original code bases load to the tensors that timm's own functions give
/// (tests/golden/convert/originals).
/// </summary>
[TestClass]
public sealed class OriginalTests
{
    static readonly double Tolerance = Tolerances.Get("convert/adapt");

    static readonly Dictionary<string, Form> Forms =
        GoldenZoo.Read(Paths.Golden("convert", "originals.jsonl.gz")).Values.Select(Form.Parse)
            .ToDictionary(form => form.Name);

    public static IEnumerable<string> Names => Forms.Keys;

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void LoadsAsInTimm(string name)
    {
        var form = Forms[name];
        using var file = StateDicts.Unwrap(form.Content(), useEma: false);
        var (model, options) = form.Model();
        var result = StateDicts.Load(
            file, model, options with { AllowMissing = [.. options.AllowMissing, .. form.Missing] });
        var leavesOut = Wildcard.AnyOf([.. options.AllowUnexpected, "*attention_bias_idxs"]);
        Expected[] weights = [.. form.Tensors.Where(t => !leavesOut(t.Name))];
        Assert.IsTrue(result.Unexpected.Count <= form.Tensors.Length - weights.Length);
        CollectionAssert.AreEquivalent(weights.Select(t => t.Name).ToArray(), result.Tensors.Keys.ToArray());
        foreach (var expected in weights)
            expected.Check(result.Entries.Single(entry => entry.Name == expected.Name));
    }

    /// <summary>No form is taken for another, whatever the order of the tables.</summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void IsKnownByAtMostOneTable(string name)
    {
        var form = Forms[name];
        using var file = StateDicts.Unwrap(form.Content(), useEma: false);
        var (model, _) = form.Model();
        var known = model.Select(tensor => tensor.Name).ToHashSet();
        var tower = Towers.Find(file.Keys);
        var names = tower is null ? file.Keys.ToArray()
            : [.. tower.Rows.Aggregate((IReadOnlyList<Entry>)[.. file.Select(t => new Entry(t.Key, t.Value))],
                (entries, row) => [.. row.Apply(entries, model)]).Select(entry => entry.Name)];
        var tables = RenameTables.All.Where(table => table != RenameTable.Timm && table.Recognises(names)
            && (table.ModelHas.Length == 0 || known.Contains(table.ModelHas))).Select(table => table.Origin).ToArray();
        Assert.IsLessThanOrEqualTo(1, tables.Length, string.Join(", ", tables));
    }

    /// <summary>timm's own names need no table and hold no network around them, in any family.</summary>
    [TestMethod]
    public void TimmsNamesAreTimms()
    {
        foreach (var (name, row) in GoldenZoo.Shared("zoo", "structure.jsonl.gz"))
        {
            string[] names = [.. row.GetProperty("tensors").EnumerateArray().Select(t => t[0].GetString()!)];
            Assert.AreSame(RenameTable.Timm, RenameTables.For(names, names), name);
            Assert.IsNull(Towers.Find(names), name);
        }
    }

    /// <summary>A tensor that timm's function gives.</summary>
    /// <param name="Name">timm's name.</param>
    /// <param name="Source">The tensor of the file that has the same bytes; empty where they were changed.</param>
    /// <param name="Digest">Where they were changed exactly: the beginning of their SHA-256.</param>
    /// <param name="Values">Where they were resampled or computed: the mean and eight of them.</param>
    sealed record Expected(string Name, string Source, string Digest, double[] Values)
    {
        public static Expected Parse(JsonElement t) => t[1].ValueKind == JsonValueKind.Array
            ? new(t[0].GetString()!, "", "", [.. t[1].EnumerateArray().Select(v => v.GetDouble())])
            : new(t[0].GetString()!, t[1].GetString()!, t.GetArrayLength() > 2 ? t[2].GetString()! : "", []);

        public void Check(Entry entry)
        {
            if (Source.Length > 0)
            {
                Assert.AreEqual(Wrappers.Plain(Source), entry.Sources.Single(), Name);
                Assert.IsTrue(entry.Operations.All(IsOfShape), $"{Name}: {string.Join(", ", entry.Operations)}");
            }
            else if (Digest.Length > 0)
                Assert.AreEqual(Digest, Convert.ToHexStringLower(SHA256.HashData(entry.Tensor.Bytes.Span))[..16], Name);
            else
                CheckValues(entry.Tensor.ToFloats());
        }

        /// <summary>What does not move a byte.</summary>
        static bool IsOfShape(string operation) => operation.StartsWith("reshaped", StringComparison.Ordinal)
            || operation.StartsWith("a convolution over", StringComparison.Ordinal)
            || operation is "an axis of 1 before" or "a row to a map";

        void CheckValues(float[] values)
        {
            Assert.AreEqual(Values[0], values.Average(v => (double)v), Tolerance, Name);
            for (var i = 0; i < Values.Length - 1; i++)
                Assert.AreEqual(Values[i + 1], values[(int)((values.Length - 1) * (long)i / (Values.Length - 2))],
                    Tolerance, $"{Name}, sample {i}");
        }
    }

    sealed record Form(string Name, JsonElement Row)
    {
        public Expected[] Tensors { get; } =
            [.. Row.GetProperty("tensors").EnumerateArray().Select(Expected.Parse)];

        public string[] Missing { get; } = [.. Row.GetProperty("missing").EnumerateArray().Select(n => n.GetString()!)];

        public static Form Parse(JsonElement row) => new(row.GetProperty("name").GetString()!, row);

        /// <summary>The file below the keys of its form; contents are made when they are read.</summary>
        public CheckpointContent Content()
        {
            var root = Wrapped(
                [.. Shapes(Row.GetProperty("file")).Select(t => (t.Name, (object)Filled(t.Name, t.Shape)))]);
            return new("memory.pth", root, new Dictionary<string, string>(), Stream.Null);
        }

        /// <summary>Structure and rules of the model that is named, or of one of less depth that the row has.</summary>
        public ((string Name, long[] Shape)[] Structure, LoadOptions Options) Model()
        {
            if (Row.TryGetProperty("structure", out var structure))
                return ([.. Shapes(structure)], new());
            var request = new ModelRequest(Row.GetProperty("model").GetString()!) { Checkpoint = "memory.pth" };
            var model = Zoo.Build(request.Name, new ModelOptions
            {
                NumClasses = Row.TryGetProperty("num_classes", out var classes) ? classes.GetInt32() : null,
                ImgSize = Row.TryGetProperty("img_size", out var size) ? (size.GetInt32(), size.GetInt32()) : null,
            });
            return ([.. model.Graph.StateDict.Select(e => (e.Name, e.Weight.Shape.Sizes))],
                ModelLoader.Rules(model, request));
        }

        PyDict Wrapped((string Name, object Tensor)[] tensors)
        {
            var root = Inside(tensors);
            foreach (var key in Row.GetProperty("wrap").EnumerateArray().Reverse())
                root = new PyDict { [key.GetString()!] = root, ["epoch"] = 1L };
            return root;
        }

        /// <summary>The names of VISSL's form begin with the dictionary that they are in.</summary>
        PyDict Inside((string Name, object Tensor)[] tensors)
        {
            var root = new PyDict();
            foreach (var (name, tensor) in tensors)
                if (Row.GetProperty("wrap").EnumerateArray().Any(key => key.GetString() == "classy_state_dict"))
                {
                    var part = name[..name.IndexOf('.')];
                    if (root.GetValueOrDefault(part) is not PyDict inside)
                        root[part] = inside = new PyDict();
                    inside[name[(part.Length + 1)..]] = tensor;
                }
                else
                    root[name] = tensor;
            return root;
        }

        static Tensor Filled(string name, long[] shape) => Tensor.Lazy(() =>
        {
            var values = Fill.Uniform(name, shape.Aggregate(1L, (product, d) => product * d));
            return name.EndsWith(".tau", StringComparison.Ordinal) ? Array.ConvertAll(values, v => v + 2) : values;
        }, shape);

        static IEnumerable<(string Name, long[] Shape)> Shapes(JsonElement rows) => rows.EnumerateArray().Select(t =>
            (t[0].GetString()!, t[1].EnumerateArray().Select(d => d.GetInt64()).ToArray()));
    }
}
