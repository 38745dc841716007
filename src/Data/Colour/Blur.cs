using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>
/// Gaussian blur as torchvision's <c>gaussian_blur</c>: a square kernel in float32, edges reflected, rounded to even.
/// The kernel is not split into two passes, because sums in another order round to other bytes.
/// </summary>
public static class Blur
{
    const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Blurs in place with a kernel of <paramref name="size"/> x <paramref name="size"/> pixels.</summary>
    public static void Gaussian(Image image, int size, double sigma)
    {
        var stride = checked((image.Width + size - 1) * Pixels.Size + Vector<byte>.Count);
        var padded = ArrayPool<float>.Shared.Rent(checked((image.Height + size - 1) * stride));
        Pad(image, size, padded, stride);
        var taps = Taps(Kernel(size, sigma), stride);
        Span<byte> block = stackalloc byte[Vector<byte>.Count];
        for (var y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            for (var i = 0; i < row.Length; i += Vector<byte>.Count)
            {
                Sum(ref padded[y * stride + i], taps).CopyTo(block);
                block[..Math.Min(block.Length, row.Length - i)].CopyTo(row[i..]);
            }
        }
        ArrayPool<float>.Shared.Return(padded);
    }

    static float[] Kernel(int size, double sigma)
    {
        var kernel = new float[size];
        for (var i = 0; i < size; i++)
        {
            var x = (i - (size - 1) * 0.5f) / (float)sigma;
            kernel[i] = (float)Math.Exp(-0.5f * (x * x));
        }
        var sum = Sum(kernel);
        return [.. kernel.Select(k => k / sum)];
    }

    /// <summary>A sum in PyTorch's order, which decides its last bit: eight sums side by side.</summary>
    static float Sum(float[] values)
    {
        const int lanes = 8;
        var sums = new float[lanes];
        var whole = values.Length / lanes * lanes;
        for (var i = 0; i < whole; i++)
            sums[i % lanes] += values[i];
        return values[whole..].Concat(sums).Aggregate(0f, (total, v) => total + v);
    }

    /// <summary>The image with its edges mirrored, as numbers.</summary>
    static void Pad(Image image, int size, float[] padded, int stride)
    {
        using var wide = Padding.CropOrPad(
            image.View(), -(size / 2), -(size / 2), image.Width + size - 1, image.Height + size - 1, PadMode.Reflect);
        for (var y = 0; y < wide.Height; y++)
        {
            var row = wide.Row(y);
            var to = padded.AsSpan(y * stride, stride);
            for (var i = 0; i < row.Length; i++)
                to[i] = row[i];
        }
    }

    /// <summary>Where each pixel of the square lies, and its weight.</summary>
    static (int Offset, float Weight)[] Taps(float[] kernel, int stride) =>
    [
        .. from y in kernel.Index()
           from x in kernel.Index()
           where y.Item * x.Item > SmallestNormal
           select (y.Index * stride + x.Index * Pixels.Size, y.Item * x.Item),
    ];

    /// <summary>The blurred values of as many neighbouring bytes as a vector holds.</summary>
    static Vector<byte> Sum(ref float at, (int Offset, float Weight)[] taps)
    {
        Vector<float> a, b, c, d;
        a = b = c = d = Vector<float>.Zero;
        foreach (var (offset, weight) in taps)
        {
            ref var from = ref Unsafe.Add(ref at, offset);
            a += Vector.LoadUnsafe(ref from) * weight;
            b += Vector.LoadUnsafe(ref from, (nuint)Vector<float>.Count) * weight;
            c += Vector.LoadUnsafe(ref from, (nuint)(2 * Vector<float>.Count)) * weight;
            d += Vector.LoadUnsafe(ref from, (nuint)(3 * Vector<float>.Count)) * weight;
        }
        return Vector.Narrow(Vector.Narrow(Round(a), Round(b)), Vector.Narrow(Round(c), Round(d)));
    }

    static Vector<uint> Round(Vector<float> values) => Vector.ConvertToInt32(Vector.Round(values)).As<int, uint>();
}
