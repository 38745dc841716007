using System.Numerics;

namespace OnnxTimm.Data;

/// <summary>The decoded values of one component, at its own resolution.</summary>
sealed class JpegPlane : IDisposable
{
    readonly JpegComponent component;
    readonly PixelMemory values;
    readonly int width;
    readonly int height;

    public JpegPlane(JpegHeader header, JpegComponent component)
    {
        var (across, down) = Mcus(header);
        var (maxH, maxV) = (header.Components[0].H, header.Components[0].V);
        this.component = component;
        width = (header.Width * component.H + maxH - 1) / maxH;
        height = (header.Height * component.V + maxV - 1) / maxV;
        // Whole groups of MCUs, and a vector that readers may run over.
        Stride = (across + JpegScan.Lanes - 1) / JpegScan.Lanes * JpegScan.Lanes * component.H * 8 + Vector<byte>.Count;
        values = new(Math.BigMul(Stride, down * component.V * 8));
    }

    /// <summary>Values from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>MCUs in a row and in a column of the image.</summary>
    public static (int Across, int Down) Mcus(JpegHeader header)
    {
        var (w, h) = (8 * header.Components[0].H, 8 * header.Components[0].V);
        return ((header.Width + w - 1) / w, (header.Height + h - 1) / h);
    }

    /// <summary>Transforms the blocks of a group of MCUs, the first of which is MCU (x, y) of the image.</summary>
    public bool TryPut(int[] blocks, int x, int y)
    {
        var (size, isSane) = (JpegScan.Lanes * 64, true);
        for (var v = 0; v < component.V; v++)
            for (var h = 0; h < component.H; h++)
            {
                var first = (y * component.V + v) * 8 * Stride + (x * component.H + h * JpegScan.Lanes) * 8;
                isSane &= InverseDct.TryTransform(
                    blocks.AsSpan((v * component.H + h) * size, size), values.Span[first..], Stride);
            }
        return isSane;
    }

    /// <summary>A row, with what lies beyond its end.</summary>
    public ReadOnlySpan<byte> Row(int y) => values.Span.Slice(y * Stride, Stride);

    /// <summary>Row <paramref name="y"/> of the image, upsampled by h and v.</summary>
    public ReadOnlySpan<byte> Row(int y, int h, int v, Span<ushort> sums, Span<byte> target)
    {
        if (h == 1)
            return Row(y);
        var near = Row(y / v)[..width];
        var far = Math.Clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, height - 1);
        if (v == 1)
            JpegColour.Double(near, sums, target);
        else
            JpegColour.Double(near, Row(far)[..width], sums, target);
        return target;
    }

    public void Dispose() => values.Dispose();
}
