using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// All coefficients of one component in the order of the file, where several scans bring them: block after block, row
/// after row, to whole MCUs.
/// </summary>
sealed class JpegCoefficients : IDisposable
{
    readonly PixelMemory memory;

    public JpegCoefficients(JpegFrame frame, JpegComponent component)
    {
        (Across, Down) = (frame.Across * component.H, frame.Down * component.V);
        Width = Needed(frame.Width, component.H, frame.MaxH);
        Height = Needed(frame.Height, component.V, frame.MaxV);
        memory = new(Math.BigMul(Across, Down) * 64 * sizeof(short));
        memory.Span.Clear();
    }

    /// <summary>Blocks in a row.</summary>
    public int Across { get; }

    /// <summary>Rows of blocks.</summary>
    public int Down { get; }

    /// <summary>Blocks in a row that hold pixels of the image: those of a scan of this component alone.</summary>
    public int Width { get; }

    /// <summary>Rows of blocks that hold pixels of the image.</summary>
    public int Height { get; }

    /// <summary>A row of blocks, each of 64 values.</summary>
    public Span<short> Row(int y) => MemoryMarshal.Cast<byte, short>(memory.Span).Slice(y * Across * 64, Across * 64);

    public void Dispose() => memory.Dispose();

    static int Needed(int pixels, int blocks, int most) => ((pixels * blocks + most - 1) / most + 7) / 8;
}
