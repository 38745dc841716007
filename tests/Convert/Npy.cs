using System.Runtime.InteropServices;
using System.Text;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Makes files of NumPy's form, and sees them refused.</summary>
static class Npy
{
    /// <summary>The header of three float32.</summary>
    public const string Row = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";

    /// <summary>The header is filled up so that the data begins at byte 128.</summary>
    public static byte[] File(int version, string text, byte[] data)
    {
        var width = version == 1 ? 2 : 4;
        var length = 128 - 8 - width;
        var size = BitConverter.GetBytes(length)[..width];
        var header = Encoding.UTF8.GetBytes(text.PadRight(length - 1) + "\n");
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. size, .. header, .. data];
    }

    public static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>The message for a file that cannot be opened or whose arrays cannot be read.</summary>
    public static string Refusal(string path) => Assert.ThrowsExactly<UserException>(() =>
    {
        using var file = Checkpoint.Open(path);
        _ = file.Values.Sum(tensor => tensor.Bytes.Length);
    }).Message;
}
