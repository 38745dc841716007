using System.Runtime.InteropServices;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Both ways of summing weighted pixels against sums of 64 bits, on filters of Pillow's shapes.</summary>
[TestClass]
public sealed class TapSumsTests
{
    const int RowBytes = 32;

    static readonly int[] Places = [0, 8, 28];

    [TestMethod]
    [DataRow(640, 224, Interpolation.Bicubic)]
    [DataRow(479, 37, Interpolation.Lanczos)]
    [DataRow(17, 61, Interpolation.Bicubic)]
    [DataRow(9, 5, Interpolation.Bilinear)]
    [DataRow(2, 9, Interpolation.Lanczos)]
    [DataRow(1, 3, Interpolation.Bicubic)]
    [DataRow(50, 20, Interpolation.Nearest)]
    public void BothAreExact(int size, int target, Interpolation filter)
    {
        var axis = new Axis(size, 0, size, target, 0, target);
        var plain = Taps.Make(axis, filter, inPairs: false);
        var random = new Random(1);
        var (a, b) = (Row(random, Math.Max(size, plain.Width)), Row(random, Math.Max(size, plain.Width)));
        var expected = (Along(a, plain), Along(b, plain));
        Check(expected, a, b, plain, WholeSums.Along, WholeSums.Down);
        if (PairSums.IsSupported)
            Check(expected, a, b, Taps.Make(axis, filter, inPairs: true), PairSums.Along, PairSums.Down);
    }

    delegate void Rows(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Taps taps, Span<uint> toA, Span<uint> toB);

    delegate void Columns(ReadOnlySpan<byte> rows, ReadOnlySpan<int> offsets, ReadOnlySpan<int> weights,
        Span<byte> line);

    static void Check((byte[] A, byte[] B) expected, byte[] a, byte[] b, Taps taps, Rows along, Columns down)
    {
        var (toA, toB) = (new uint[expected.A.Length / Pixels.Size], new uint[expected.A.Length / Pixels.Size]);
        along(a, b, taps, toA, toB);
        CollectionAssert.AreEqual(expected.A, MemoryMarshal.AsBytes<uint>(toA).ToArray());
        CollectionAssert.AreEqual(expected.B, MemoryMarshal.AsBytes<uint>(toB).ToArray());

        // Turned by a quarter: each pixel of a is a row, in three places of it.
        var rows = new byte[a.Length / Pixels.Size * RowBytes];
        foreach (var place in Places)
            for (var i = 0; i < a.Length; i++)
                rows[i / Pixels.Size * RowBytes + place + i % Pixels.Size] = a[i];
        var line = new byte[RowBytes];
        for (var x = 0; x < toA.Length; x++)
        {
            int[] offsets = [.. Enumerable.Range(taps.Starts[x], taps.Counts[x]).Select(row => row * RowBytes)];
            down(rows, offsets, taps.Weights(x), line);
            foreach (var place in Places)
                CollectionAssert.AreEqual(expected.A[(x * Pixels.Size)..((x + 1) * Pixels.Size)],
                    line[place..(place + Pixels.Size)]);
        }
    }

    static byte[] Row(Random random, int width) =>
        [.. Enumerable.Range(0, width * Pixels.Size).Select(_ => (byte)(random.Next(3) switch
        {
            0 => 0,
            1 => 255,
            _ => random.Next(256),
        }))];

    static byte[] Along(byte[] row, Taps taps)
    {
        var outputs = taps.AllWeights.Length / taps.Width;
        var result = new byte[outputs * Pixels.Size];
        for (var i = 0; i < result.Length; i++)
        {
            var sum = (long)Taps.Half;
            for (var t = 0; t < taps.Counts[i / Pixels.Size]; t++)
                sum += (long)taps.Weights(i / Pixels.Size)[t]
                    * row[(taps.Starts[i / Pixels.Size] + t) * Pixels.Size + i % Pixels.Size];
            result[i] = (byte)Math.Clamp(sum >> Taps.Precision, 0, 255);
        }
        return result;
    }
}
