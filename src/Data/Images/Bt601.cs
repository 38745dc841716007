using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>From luma and chroma of ITU-R BT.601 to red, green and blue; factors are in 1/2^20.</summary>
/// <param name="Black">The luma of black.</param>
/// <param name="Luma">Factor of luma.</param>
/// <param name="CrRed">Of Cr in red.</param>
/// <param name="CbGreen">Of Cb in green, taken off.</param>
/// <param name="CrGreen">Of Cr in green, taken off.</param>
/// <param name="CbBlue">Of Cb in blue.</param>
readonly record struct Bt601(int Black, int Luma, int CrRed, int CbGreen, int CrGreen, int CbBlue)
{
    const int Scale = 20, Half = 1 << (Scale - 1);

    /// <summary>255/219, and 255/224 times 1.402, 0.344136, 0.714136 and 1.772.</summary>
    static readonly Bt601 Limited = new(16, 1220945, 1673555, 410793, 852458, 2115221);

    /// <summary>1, 1.402, 0.344136, 0.714136 and 1.772.</summary>
    static readonly Bt601 Full = new(0, 1 << Scale, 1470104, 360853, 748826, 1858077);

    public static Bt601 Of(ColourRange range) => range == ColourRange.Full ? Full : Limited;

    /// <summary>Pixels from column <paramref name="x"/> on, of a row of luma and the row of its chroma.</summary>
    public void FromNv12(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> chroma, int x, Span<byte> rgbx)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(rgbx);
        var o = 0;
        for (; o < pixels.Length && (x & 1) != 0; o++, x++)
            pixels[o] = Pixel(luma[x], chroma[x & ~1], chroma[x | 1]);
        ref var y = ref MemoryMarshal.GetReference(luma);
        ref var c = ref MemoryMarshal.GetReference(chroma);
        for (; o + 4 <= pixels.Length; o += 4, x += 4)
        {
            // Four bytes of each are read: as many pixels are left.
            var four = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref y, x))).AsByte();
            var pairs = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref c, x))).AsByte();
            Four(Wide(four), Wide(pairs)).StoreUnsafe(ref pixels[o]);
        }
        for (; o < pixels.Length; o++, x++)
            pixels[o] = Pixel(luma[x], chroma[x & ~1], chroma[x | 1]);
    }

    /// <summary>Pixels from column <paramref name="x"/> on, of a row of pairs Y Cb Y Cr.</summary>
    public void FromYuyv(ReadOnlySpan<byte> row, int x, Span<byte> rgbx)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(rgbx);
        for (var o = 0; o < pixels.Length; o++, x++)
            pixels[o] = Pixel(row[2 * x], row[(x & ~1) * 2 + 1], row[(x & ~1) * 2 + 3]);
    }

    uint Pixel(int y, int cb, int cr)
    {
        var light = (y - Black) * Luma + Half;
        (cb, cr) = (cb - 128, cr - 128);
        return Clamp(light + cr * CrRed) | Clamp(light - cb * CbGreen - cr * CrGreen) << 8
            | Clamp(light + cb * CbBlue) << 16;
    }

    static uint Clamp(int scaled) => (uint)Math.Clamp(scaled >> Scale, 0, 255);

    /// <summary>The same of four pixels: their luma, and the chroma of two pairs, Cb Cr Cb Cr.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector128<uint> Four(Vector128<int> y, Vector128<int> pairs)
    {
        var cb = Vector128.Shuffle(pairs, Vector128.Create(0, 0, 2, 2)) - Vector128.Create(128);
        var cr = Vector128.Shuffle(pairs, Vector128.Create(1, 1, 3, 3)) - Vector128.Create(128);
        var light = (y - Vector128.Create(Black)) * Luma + Vector128.Create(Half);
        return Clamp(light + cr * CrRed) | Clamp(light - cb * CbGreen - cr * CrGreen) << 8
            | Clamp(light + cb * CbBlue) << 16;
    }

    static Vector128<int> Wide(Vector128<byte> four) => Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32();

    static Vector128<uint> Clamp(Vector128<int> scaled) => Vector128.Min(Vector128.Max(
        Vector128.ShiftRightArithmetic(scaled, Scale), Vector128<int>.Zero), Vector128.Create(255)).AsUInt32();
}
