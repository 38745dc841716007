using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Headers of .npy files, written by the rules of the format.</summary>
[TestClass]
public sealed class NpyHeaderTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    /// <summary>The numbers 1 to 6 in an array of 2 x 3, in either order of bytes and of axes.</summary>
    [TestMethod]
    [DataRow("b1", 1, DType.Bool)]
    [DataRow("i1", 1, DType.Int8)]
    [DataRow("u1", 1, DType.UInt8)]
    [DataRow("i2", 2, DType.Int16)]
    [DataRow("u2", 2, DType.UInt16)]
    [DataRow("V2", 2, DType.BFloat16)]
    [DataRow("f2", 2, DType.Float16)]
    [DataRow("i4", 4, DType.Int32)]
    [DataRow("u4", 4, DType.UInt32)]
    [DataRow("f4", 4, DType.Float32)]
    [DataRow("i8", 8, DType.Int64)]
    [DataRow("u8", 8, DType.UInt64)]
    [DataRow("f8", 8, DType.Float64)]
    public void EveryTypeIsReadInEveryOrder(string code, int size, DType type)
    {
        var expected = Enumerable.Range(1, 6).SelectMany(i => Enumerable.Repeat((byte)0, size - 1).Prepend((byte)i));
        foreach (var order in "<>|")
            foreach (var fortran in (bool[])[false, true])
            {
                var data = (fortran ? new[] { 1, 4, 2, 5, 3, 6 } : [1, 2, 3, 4, 5, 6]).SelectMany(i =>
                    Enumerable.Range(0, size).Select(at => (byte)(at == (order == '>' ? size - 1 : 0) ? i : 0)));
                var text = $"{{'descr': '{order}{code}', 'fortran_order': {fortran}, 'shape': (2, 3), }}";
                File.WriteAllBytes(folder["a.npy"], Npy.File(1, text, [.. data]));
                using var file = Checkpoint.Open(folder["a.npy"]);
                Assert.AreEqual(type, file["a"].Type);
                CollectionAssert.AreEqual(new long[] { 2, 3 }, file["a"].Shape);
                CollectionAssert.AreEqual(expected.ToArray(), file["a"].Bytes.ToArray(), text);
            }
    }

    [TestMethod]
    [DataRow(1, Npy.Row)]
    [DataRow(2, Npy.Row)]
    [DataRow(3, Npy.Row)]
    [DataRow(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3L,), }", DisplayName = "Python 2's long")]
    [DataRow(1, "{\"shape\":(3,),\"fortran_order\":True,\"descr\":\"=f4\"}", DisplayName = "another order and quotes")]
    public void HeadersAreReadInEveryForm(int version, string text)
    {
        File.WriteAllBytes(folder["a.npy"], Npy.File(version, text, Npy.Bytes(1f, 2f, 3f)));
        using var file = Checkpoint.Open(folder["a.npy"]);
        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f }, file["a"].ToFloats());
    }

    [TestMethod]
    [DataRow("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", "Python objects")]
    [DataRow("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", "complex numbers")]
    [DataRow("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", "texts")]
    [DataRow("{'descr': '|S4', 'fortran_order': False, 'shape': (3,), }", "texts")]
    [DataRow("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,), }", "dates")]
    [DataRow("{'descr': '<m8[s]', 'fortran_order': False, 'shape': (3,), }", "spans of time")]
    [DataRow("{'descr': '|V4', 'fortran_order': False, 'shape': (3,), }", "raw bytes")]
    [DataRow("{'descr': '<f16', 'fortran_order': False, 'shape': (3,), }", "unusual size")]
    [DataRow("{'descr': '<q7', 'fortran_order': False, 'shape': (3,), }", "unknown type")]
    [DataRow("{'descr': '', 'fortran_order': False, 'shape': (3,), }", "unknown type")]
    [DataRow("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (3,), }", "structures")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", "shape (-3)")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", "needs 16 bytes; 12 are there")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "needs 8 bytes; 12 are there")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "12 are there")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }", "12 are there")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,), }", "no literal")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, }", "exactly")]
    [DataRow("{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }", "exactly")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': None}", "exactly")]
    [DataRow("{'descr': __import__('os').name, 'fortran_order': False, 'shape': (3,), }", "no literal")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (2+1,), }", "no literal")]
    [DataRow("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (3,), }", "no literal")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } or 1", "no literal")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (3", "no literal")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (((((((((((((((((3,", "no literal")]
    [DataRow("", "no literal")]
    public void OtherHeadersAreRefused(string text, string word)
    {
        File.WriteAllBytes(folder["a.npy"], Npy.File(1, text, Npy.Bytes(1f, 2f, 3f)));
        var message = Npy.Refusal(folder["a.npy"]);
        StringAssert.Contains(message, word);
        StringAssert.Contains(message, "\"a\"");
    }

    [TestMethod]
    public void VersionsToComeAreRefused()
    {
        File.WriteAllBytes(folder["a.npy"], Npy.File(4, Npy.Row, Npy.Bytes(1f, 2f, 3f)));
        StringAssert.Contains(Npy.Refusal(folder["a.npy"]), "version 4.0");
    }

    [TestMethod]
    public void AHeaderWithoutEndIsNotAllocated()
    {
        File.WriteAllBytes(folder["a.npy"], [0x93, .. "NUMPY\x2\0"u8, 0xff, 0xff, 0xff, 0xff]);
        StringAssert.Contains(Npy.Refusal(folder["a.npy"]), "header of 4294967295 bytes");
    }
}
