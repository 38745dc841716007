using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>One colour component: its blocks in an MCU, and its steps.</summary>
/// <param name="Id">Name in the file.</param>
/// <param name="H">Blocks of an MCU in a row.</param>
/// <param name="V">Blocks of an MCU in a column.</param>
/// <param name="Quant">Number of its quantization table.</param>
readonly record struct JpegComponent(byte Id, int H, int V, int Quant);

/// <summary>What the components of a JPEG are.</summary>
enum JpegColours
{
    Gray,
    Ycc,
    Rgb,
    Cmyk,
    Ycck,
}

/// <summary>Size and components of a JPEG: Huffman coded, 8 bits, sequential or progressive.</summary>
sealed class JpegFrame
{
    const byte Progressive = 0xC2;

    JpegFrame(byte marker, ReadOnlySpan<byte> body, JpegComponent[] components)
    {
        IsProgressive = marker == Progressive;
        Height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        Components = components;
        (MaxH, MaxV) = (components.Max(c => c.H), components.Max(c => c.V));
        (Across, Down) = ((Width + 8 * MaxH - 1) / (8 * MaxH), (Height + 8 * MaxV - 1) / (8 * MaxV));
    }

    public bool IsProgressive { get; }

    public int Width { get; }

    public int Height { get; }

    public JpegComponent[] Components { get; }

    /// <summary>The most blocks of a component in a row of an MCU.</summary>
    public int MaxH { get; }

    /// <summary>The most blocks of a component in a column of an MCU.</summary>
    public int MaxV { get; }

    /// <summary>MCUs in a row of the image.</summary>
    public int Across { get; }

    /// <summary>MCUs in a column of the image.</summary>
    public int Down { get; }

    /// <summary>All blocks of all components.</summary>
    public long Blocks => Math.BigMul(Across, Down) * Components.Sum(c => c.H * c.V);

    /// <summary>Null where it is not valid.</summary>
    /// <exception cref="NotSupportedException">A kind that is not decoded.</exception>
    public static JpegFrame? TryRead(byte marker, ReadOnlySpan<byte> body)
    {
        if (Unread(marker) is { } kind)
            throw new NotSupportedException($"it is a JPEG {kind}, which is not read");
        if (body.Length < 6 || body.Length != 6 + 3 * body[5] || body[5] == 0)
            return null;
        if (body[0] != 8 || body[5] is not (1 or 3 or 4))
            throw new NotSupportedException($"it is a JPEG of {body[5]} components of {body[0]} bits, not of 1, 3 or 4 "
                + "of 8 bits");
        var components = new JpegComponent[body[5]];
        for (var i = 0; i < components.Length; i++)
            components[i] = new(body[6 + 3 * i], body[7 + 3 * i] >> 4, body[7 + 3 * i] & 15, body[8 + 3 * i]);
        if (components.Any(c => c is not { H: >= 1 and <= 4, V: >= 1 and <= 4, Quant: < 4 }))
            return null;
        // Blocks of a single component follow each other, whatever its sampling says.
        if (components is [var only])
            components[0] = only with { H = 1, V = 1 };
        var frame = new JpegFrame(marker, body, components);
        if (components.Any(c => frame.MaxH % c.H != 0 || frame.MaxV % c.V != 0))
            throw new NotSupportedException("its components are sampled at distances that are no whole numbers");
        return frame is { Width: > 0, Height: > 0 } ? frame : null;
    }

    static string? Unread(byte marker) => marker switch
    {
        0xC0 or 0xC1 or Progressive => null,
        0xC3 or 0xCB => "without loss",
        0xC9 or 0xCA => "with arithmetic coding",
        _ => "of several sizes",
    };
}
