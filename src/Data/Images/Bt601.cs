using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    const int Scale = 20, Half = 1 << (Scale - 1), Middle = 128;

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
        var lanes = new Lanes(this);
        // Eight bytes of each are read: as many pixels are left.
        for (; o + 8 <= pixels.Length; o += 8, x += 8)
            lanes.Eight(Pairs(ref Unsafe.Add(ref y, x)), Pairs(ref Unsafe.Add(ref c, x)), ref pixels[o]);
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
        var light = y * Luma + Offset;
        (cb, cr) = (cb - Middle, cr - Middle);
        return Clamp(light + cr * CrRed) | Clamp(light - cb * CbGreen - cr * CrGreen) << 8
            | Clamp(light + cb * CbBlue) << 16;
    }

    static uint Clamp(int scaled) => (uint)Math.Clamp(scaled >> Scale, 0, 255);

    /// <summary>Half, less what black adds.</summary>
    int Offset => Half - Black * Luma;

    /// <summary>Eight bytes, two a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Pairs(ref byte eight) => Vector128.WidenLower(
        Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref eight)).AsUInt16()).AsInt32();

    /// <summary>The factors, in all lanes: eight pixels at once.</summary>
    readonly struct Lanes(Bt601 of)
    {
        readonly Vector128<int> luma = Vector128.Create(of.Luma);
        readonly Vector128<int> crRed = Vector128.Create(of.CrRed);
        readonly Vector128<int> cbGreen = Vector128.Create(of.CbGreen);
        readonly Vector128<int> crGreen = Vector128.Create(of.CrGreen);
        readonly Vector128<int> cbBlue = Vector128.Create(of.CbBlue);
        readonly Vector128<int> red = Vector128.Create(of.Offset - Middle * of.CrRed);
        readonly Vector128<int> green = Vector128.Create(of.Offset + Middle * (of.CbGreen + of.CrGreen));
        readonly Vector128<int> blue = Vector128.Create(of.Offset - Middle * of.CbBlue);

        /// <summary>Two pixels a lane, the even and the odd one, which have the colour of their pair.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Eight(Vector128<int> y, Vector128<int> chroma, ref uint rgbx)
        {
            var (cb, cr) = (chroma & Vector128.Create(255), chroma >> 8);
            var (even, odd) = ((y & Vector128.Create(255)) * luma, (y >> 8) * luma);
            var (r, g, b) = (cr * crRed + red, green - cb * cbGreen - cr * crGreen, cb * cbBlue + blue);
            Store(Words(even + r, odd + r), Words(even + g, odd + g), Words(even + b, odd + b), ref rgbx);
        }

        /// <summary>Even and odd pixels in turn, rounded down.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector128<short> Words(Vector128<int> even, Vector128<int> odd) =>
            (even >>> 16 | odd & Vector128.Create(~0xFFFF)).AsInt16() >> (Scale - 16);

        /// <summary>Eight pixels, clipped to bytes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Store(Vector128<short> r, Vector128<short> g, Vector128<short> b, ref uint rgbx)
        {
            if (Sse2.IsSupported)
            {
                var (rb, gx) = (Sse2.PackUnsignedSaturate(r, b), Sse2.PackUnsignedSaturate(g, Vector128<short>.Zero));
                var (rg, bx) = (Sse2.UnpackLow(rb, gx).AsUInt16(), Sse2.UnpackHigh(rb, gx).AsUInt16());
                Sse2.UnpackLow(rg, bx).AsUInt32().StoreUnsafe(ref rgbx);
                Sse2.UnpackHigh(rg, bx).AsUInt32().StoreUnsafe(ref rgbx, 4);
                return;
            }
            var (redGreen, high) = (Clip(r) | Clip(g) << 8, Clip(b));
            (Vector128.WidenLower(redGreen) | Vector128.WidenLower(high) << 16).StoreUnsafe(ref rgbx);
            (Vector128.WidenUpper(redGreen) | Vector128.WidenUpper(high) << 16).StoreUnsafe(ref rgbx, 4);
        }

        static Vector128<ushort> Clip(Vector128<short> words) =>
            Vector128.Min(Vector128.Max(words, Vector128<short>.Zero), Vector128.Create((short)255)).AsUInt16();
    }
}
