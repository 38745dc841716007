using System.Buffers.Binary;
using OnnxTimm.Conversion;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Checkpoints of ONNX Runtime's on-device training: the runtime's own are read, ours hold what they were given.
/// </summary>
[TestClass]
public sealed class OrtCheckpointTests
{
    /// <summary>Slots of the tables, as the format numbers them.</summary>
    const int Version = 0, ModuleState = 1, RequiresGrad = 0, Frozen = 1, Name = 0, DataType = 3, Dims = 2, RawData = 4;

    static string After => Paths.Golden("ort-training", "checkpoint_after");

    [TestMethod]
    public void WhatTheRuntimeSavedIsRead()
    {
        using var file = OrtCheckpoint.Read(After);
        Assert.IsFalse(file.IsNominal);
        Assert.AreEqual(5, file.Optimizer!.Step);
        Assert.AreEqual(0.001f, file.Optimizer.InitialRate);
        CollectionAssert.AreEquivalent(new Dictionary<string, object> { { "name", "golden" }, { "epoch", 3L },
            { "best", 0.5f } },
            file.Properties.ToDictionary());
        CollectionAssert.AreEquivalent(new[] { "bn1.running_mean", "bn1.running_var" },
            file.Frozen.Select(t => t.Key).ToArray());
        Assert.IsTrue(file.Optimizer.Moments.All(m => m.Value.Count == 2));
        var expected = Golden.Json("ort-training", "adamw.json").GetProperty("runs")[0].GetProperty("parameters_after");
        CollectionAssert.AreEquivalent(expected.EnumerateObject().Select(p => p.Name).ToArray(),
            file.Tensors.Select(t => t.Key).ToArray());
        foreach (var (name, tensor) in file.Tensors)
        {
            var row = expected.GetProperty(name);
            CollectionAssert.AreEqual(row.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray(),
                tensor.Shape, name);
            foreach (var (at, value) in row.GetProperty("at").EnumerateArray()
                .Zip(row.GetProperty("values").EnumerateArray()))
                Assert.AreEqual(value.GetSingle(), tensor.ToFloats()[at.GetInt32()], name);
        }
    }

    [TestMethod]
    public void TheNetworkWithThemEqualsTheRuntimesExport()
    {
        using var weights = Checkpoint.Open(After);
        var network = OnnxFile.Read(Paths.Golden("onnx", "convnet", "forward.onnx"));
        foreach (var (name, tensor) in weights)
            network.Find(name)!.Data = tensor;
        var images = ("x", Fill.Input(8, 3, 32, 32), new long[] { 8, 3, 32, 32 });
        var expected = Ort.Run(OnnxFile.Read(Paths.Golden("onnx", "convnet", "inference.onnx")), images)["logits"];
        foreach (var (want, got) in expected.Zip(Ort.Run(network, images)["logits"]))
            Assert.AreEqual(want, got, Tolerances.Get("ort-training/logits"));
    }

    /// <summary>Outside are tensors of 64 bytes and more, as the runtime has it.</summary>
    [TestMethod]
    [DataRow(long.MaxValue)]
    [DataRow(0)]
    public void WhatIsWrittenIsReadBack(long externalAbove)
    {
        using var folder = new TempFolder();
        using var original = OrtCheckpoint.Read(After);
        OrtCheckpointWriter.Write(folder["copy"], original, externalAbove);
        var outside = original.Tensors.Select(t => t.Value.ByteCount).Where(bytes => bytes >= 64).Sum();
        Assert.AreEqual(externalAbove == 0, File.Exists(folder["copy.data"]));
        if (externalAbove == 0)
            Assert.AreEqual(outside, new FileInfo(folder["copy.data"]).Length);
        using var copy = OrtCheckpoint.Read(folder["copy"]);
        SameTensors(original.Trainable, copy.Trainable);
        SameTensors(original.Frozen, copy.Frozen);
        Assert.AreEqual((original.Optimizer!.Step, original.Optimizer.InitialRate),
            (copy.Optimizer!.Step, copy.Optimizer.InitialRate));
        SameTensors(Moments(original), Moments(copy));
        CollectionAssert.AreEquivalent(original.Properties.ToDictionary(), copy.Properties.ToDictionary());
    }

    [TestMethod]
    public void ANominalCheckpointHasNamesAlone()
    {
        using var folder = new TempFolder();
        using var golden = OrtCheckpoint.Read(Paths.Golden("ort-training", "nominal_checkpoint"));
        using var full = OrtCheckpoint.Read(Paths.Golden("ort-training", "checkpoint"));
        OrtCheckpointWriter.Write(folder["nominal"], full with { IsNominal = true });
        using var ours = OrtCheckpoint.Read(folder["nominal"]);
        Assert.IsTrue(golden.IsNominal && ours.IsNominal);
        foreach (var (a, b) in new[] { (golden.Trainable, ours.Trainable), (golden.Frozen, ours.Frozen) })
            CollectionAssert.AreEqual(a.Select(t => $"{t.Key} {t.Value}").ToArray(),
                b.Select(t => $"{t.Key} {t.Value}").ToArray());
        var error = Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(folder["nominal"]));
        StringAssert.Contains(error.Message, "nominal");
    }

    static readonly (string Message, Action<byte[]> Damage)[] Table =
    [
        ("version 1", f => Put(f, Field(f, Root(f), Version), 1)),
        ("version 3", f => Put(f, Field(f, Root(f), Version), 3)),
        ("none of the known forms", f => f[5] ^= 0x20),
        ("it has no requires_grad_params", f => Leave(f, Module(f), RequiresGrad)),
        ("it has no frozen_params", f => Leave(f, Module(f), Frozen)),
        ("it has no ModuleState", f => Leave(f, Root(f), ModuleState)),
        ("it has no name", f => Leave(f, First(f, Frozen), Name)),
        ("has no dims", f => Leave(f, First(f, Frozen), Dims)),
        ("has no raw_data", f => Leave(f, First(f, Frozen), RawData)),
        ("type Float16, which ONNX Runtime Training does not load", f =>
            Put(f, Field(f, First(f, Frozen), DataType), 10)),
        ("type 99", f => Put(f, Field(f, First(f, Frozen), DataType), 99)),
        ("\"a\" is in requires_grad_params and in frozen_params", f =>
            f[Follow(f, Field(f, First(f, Frozen), Name)) + 4] = (byte)'a'),
        ("needs 20 bytes, 12 are there", f => f[Follow(f, Field(f, First(f, Frozen), Dims)) + 4] = 5),
        ("bytes, 4 are there", f =>
        {
            f[Follow(f, Field(f, First(f, Frozen), Dims)) + 11] = 0x80;  // the size's sign
            Put(f, Follow(f, Field(f, First(f, Frozen), RawData)), 4);
        }),
        ("leads to byte", f => Put(f, 0, 1 << 20)),
        ("no multiple of 4", f => Put(f, 0, Root(f) + 1)),
        ("announces 16777217 elements", f => f[Follow(f, Field(f, Module(f), Frozen)) + 3] = 1),
        ("has no end", f => f[Follow(f, Field(f, First(f, Frozen), Name)) + 5] = (byte)'x'),
    ];

    public static IEnumerable<object[]> Flaws => Table.Select((row, i) => new object[] { row.Message, i });

    [TestMethod]
    [DynamicData(nameof(Flaws))]
    public void AFlawIsOneMessage(string expected, int row)
    {
        using var folder = new TempFolder();
        OrtCheckpointWriter.Write(folder["file"], new(
            [new("a", Tensor.Of([1f, 2f], 2))], [new("b", Tensor.Of([3f, 4f, 5f], 3))]));
        var content = File.ReadAllBytes(folder["file"]);
        Table[row].Damage(content);
        File.WriteAllBytes(folder["damaged"], content);
        var error = Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(folder["damaged"]));
        StringAssert.Contains(error.Message, expected);
        StringAssert.Contains(error.Message, folder["damaged"]);
    }

    [TestMethod]
    public void WhatTheRuntimeWouldNotLoadIsNotWritten()
    {
        Refused("Float16", new([new("a", Tensor.Of([(Half)1], 1))], []));
        Refused("two tensors named \"a\"", new([new("a", Tensor.Scalar(1f))], [new("a", Tensor.Scalar(1f))]));
        Refused("\"epoch\" is of Int32", new([], []) { Properties = new Dictionary<string, object> { ["epoch"] = 3 } });
        var moments = new OrtOptimizerState(1, 0.001f, [new("a", [Tensor.Of([1f, 2f, 3f], 3)])]);
        Refused("the moments of \"a\" are not", new([new("a", Tensor.Scalar(1f))], []) { Optimizer = moments });
    }

    static void Refused(string message, OrtCheckpoint checkpoint)
    {
        using var folder = new TempFolder();
        void Write() => OrtCheckpointWriter.Write(folder["x"], checkpoint);
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(Write).Message, message);
        Assert.IsEmpty(folder.Files);
    }

    /// <summary>What lies beside a large checkpoint goes when a small one takes its place.</summary>
    [TestMethod]
    public void NothingOfALargerCheckpointStays()
    {
        using var folder = new TempFolder();
        var checkpoint = new OrtCheckpoint([new("a", Tensor.Of(new float[32], 32))], []);
        OrtCheckpointWriter.Write(folder["file"], checkpoint, externalAbove: 100);
        CollectionAssert.AreEquivalent(new[] { "file", "file.data" }, folder.Files.ToArray());
        OrtCheckpointWriter.Write(folder["file"], checkpoint);
        CollectionAssert.AreEquivalent(new[] { "file" }, folder.Files.ToArray());
    }

    static IEnumerable<KeyValuePair<string, Tensor>> Moments(OrtCheckpoint c) =>
        c.Optimizer!.Moments.SelectMany(p => p.Value.Select((m, i) => KeyValuePair.Create($"{p.Key} {i}", m)));

    static void SameTensors(IEnumerable<KeyValuePair<string, Tensor>> expected, IEnumerable<KeyValuePair<string,
        Tensor>> got) =>
        CollectionAssert.AreEqual(expected.Select(Text).ToArray(), got.Select(Text).ToArray());

    static string Text(KeyValuePair<string, Tensor> t) => $"{t.Key} {t.Value} "
        + $"{System.Convert.ToHexString(t.Value.Bytes.Span)}";

    // The format once more, as far as the damages above need it.
    static int Root(byte[] file) => Follow(file, 0);

    static int Module(byte[] file) => Follow(file, Field(file, Root(file), ModuleState));

    static int First(byte[] file, int list) => Follow(file, Follow(file, Field(file, Module(file), list)) + 4);

    static int Follow(byte[] file, int at) => at + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));

    static int Entry(byte[] file, int table, int slot) =>
        table - BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(table)) + 4 + 2 * slot;

    static int Field(byte[] file, int table, int slot) =>
        table + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(Entry(file, table, slot)));

    static void Leave(byte[] file, int table, int slot) =>
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Entry(file, table, slot)), 0);

    static void Put(byte[] file, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
}
