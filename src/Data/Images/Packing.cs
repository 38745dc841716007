using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>Changes between four bytes a pixel, three bytes a pixel, and planes.</summary>
static class Packing
{
    static readonly Vector128<byte> DropFourth =
        Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);

    static readonly Vector128<byte> InsertFourth =
        Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);

    /// <summary>R, G, B, x to R, G, B.</summary>
    public static void ToRgb(ReadOnlySpan<byte> rgbx, Span<byte> rgb)
    {
        int i = 0, o = 0;
        for (; i + 16 <= rgbx.Length && o + 16 <= rgb.Length; i += 16, o += 12)
            Vector128.Shuffle(Vector128.Create(rgbx[i..]), DropFourth).CopyTo(rgb[o..]);
        for (; i < rgbx.Length; i += 4, o += 3)
            rgbx.Slice(i, 3).CopyTo(rgb[o..]);
    }

    /// <summary>R, G, B to R, G, B, 0.</summary>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<byte> rgbx)
    {
        int i = 0, o = 0;
        for (; i + 16 <= rgb.Length && o + 16 <= rgbx.Length; i += 12, o += 16)
            Vector128.Shuffle(Vector128.Create(rgb[i..]), InsertFourth).CopyTo(rgbx[o..]);
        for (; i < rgb.Length; i += 3, o += 4)
        {
            rgb.Slice(i, 3).CopyTo(rgbx[o..]);
            rgbx[o + 3] = 0;
        }
    }

    /// <summary>A row to its place in each plane; <paramref name="plane"/> is the distance between planes.</summary>
    public static void ToPlanes(ReadOnlySpan<byte> rgbx, Span<byte> target, int plane, int channels)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(rgbx);
        for (var c = 0; c < channels; c++)
            ToPlane(pixels, target.Slice(c * plane, pixels.Length), c * 8);
    }

    static void ToPlane(ReadOnlySpan<uint> pixels, Span<byte> plane, int shift)
    {
        ref var source = ref MemoryMarshal.GetReference(pixels);
        var x = 0;
        for (; x + Vector<byte>.Count <= pixels.Length; x += Vector<byte>.Count)
        {
            ref var at = ref Unsafe.Add(ref source, x);
            Vector.Narrow(
                Vector.Narrow(Channel(ref at, 0, shift), Channel(ref at, 1, shift)),
                Vector.Narrow(Channel(ref at, 2, shift), Channel(ref at, 3, shift))).CopyTo(plane[x..]);
        }
        for (; x < pixels.Length; x++)
            plane[x] = (byte)(pixels[x] >> shift);
    }

    static Vector<uint> Channel(ref uint at, int vector, int shift) =>
        Vector.ShiftRightLogical(Vector.LoadUnsafe(ref at, (nuint)(vector * Vector<uint>.Count)), shift)
        & new Vector<uint>(255);
}
