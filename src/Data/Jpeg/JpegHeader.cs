using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>
/// What a JPEG file says outside of its coded data (ITU-T T.81, annex B): the frame, tables that scans use, and marks
/// of those who wrote it. Read up to one scan after the other; junk between segments is gone over, as by libjpeg.
/// </summary>
sealed class JpegHeader
{
    const byte StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA, Quantization = 0xDB, Huffman = 0xC4;
    const byte Restarts = 0xDD, Jfif = 0xE0, Adobe = 0xEE;

    readonly int[]?[] steps = new int[]?[4];
    readonly HuffmanTable?[] dcTables = new HuffmanTable?[4], acTables = new HuffmanTable?[4];
    bool isJfif;
    int adobeTransform = -1, restartInterval;
    JpegFrame? frame;

    JpegHeader()
    {
    }

    public JpegFrame Frame => frame!;

    /// <summary>The first scan.</summary>
    public JpegScanHeader First { get; private set; } = null!;

    /// <summary>The quantization steps of each component in zigzag order, those of its first scan.</summary>
    public int[]?[] Steps { get; private set; } = [];

    /// <summary>Whether the first scan is all of the image, component after component.</summary>
    public bool IsOneScan =>
        !Frame.IsProgressive && First.Components.SequenceEqual(Enumerable.Range(0, Frame.Components.Length));

    /// <summary>What the components are, by libjpeg's rules from what stands before the first scan.</summary>
    public JpegColours Colours { get; private set; }

    JpegColours ColoursSoFar => Frame.Components switch
    {
        [_] => JpegColours.Gray,
        [_, _, _, _] => adobeTransform is -1 or 0 ? JpegColours.Cmyk : JpegColours.Ycck,
        [{ Id: (byte)'R' }, { Id: (byte)'G' }, { Id: (byte)'B' }] when !isJfif && adobeTransform < 0 => JpegColours.Rgb,
        _ => !isJfif && adobeTransform == 0 ? JpegColours.Rgb : JpegColours.Ycc,
    };

    public static bool Is(ReadOnlySpan<byte> file) => file is [0xFF, StartOfImage, 0xFF, ..];

    /// <summary>Reads up to the first scan.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    /// <exception cref="EndOfStreamException">Cut short.</exception>
    /// <exception cref="NotSupportedException">A kind of JPEG that is not decoded.</exception>
    public static JpegHeader Read(ReadOnlySpan<byte> file)
    {
        var header = new JpegHeader();
        header.First = header.NextScan(file, 2) ?? throw new EndOfStreamException("it holds no image data");
        header.Colours = header.ColoursSoFar;
        return header;
    }

    /// <summary>Reads on to the next scan; null at the end of the image.</summary>
    /// <inheritdoc cref="Read"/>
    public JpegScanHeader? NextScan(ReadOnlySpan<byte> file, int at)
    {
        for (; ; )
        {
            at = JpegBits.FindMarker(file, at);
            var marker = file[at + 1];
            at += 2;
            if (marker == EndOfImage)
                return null;
            if (marker is 1 or (>= 0xD0 and < StartOfImage))
                continue;
            var length = file.Length - at < 2 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length > file.Length - at)
                throw new EndOfStreamException($"the segment at byte {at} goes beyond the end");
            var body = length < 2 ? throw Damaged(marker, at) : file[(at + 2)..(at + length)];
            if (marker == StartOfScan)
                return ReadScan(body, at + length) ?? throw Damaged(marker, at);
            if (!TryReadSegment(marker, body))
                throw Damaged(marker, at);
            at += length;
        }
    }

    static InvalidDataException Damaged(int marker, int at) =>
        new($"the segment {marker:X2} at byte {at} is not valid");

    bool TryReadSegment(byte marker, ReadOnlySpan<byte> body)
    {
        switch (marker)
        {
            case Quantization: return TryReadSteps(body);
            case Huffman: return TryReadHuffman(body);
            case Restarts when body.Length == 2:
                restartInterval = BinaryPrimitives.ReadUInt16BigEndian(body);
                return true;
            case Jfif:
                isJfif |= body.Length >= 12 && body.StartsWith("JFIF\0"u8);
                return true;
            case Adobe:
                adobeTransform = body.StartsWith("Adobe"u8) && body.Length >= 12 ? body[11] : adobeTransform;
                return true;
            case >= 0xC0 and <= 0xCF when marker is not (0xC8 or 0xCC):
                return frame is null && TryReadFrame(marker, body);
            default: return marker is not (Restarts or StartOfImage);
        }
    }

    bool TryReadFrame(byte marker, ReadOnlySpan<byte> body)
    {
        frame = JpegFrame.TryRead(marker, body);
        Steps = new int[]?[frame?.Components.Length ?? 0];
        return frame is not null;
    }

    bool TryReadSteps(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var (wide, id) = (body[0] >> 4, body[0] & 15);
            var size = wide == 0 ? 1 : 2;
            if (wide > 1 || id > 3 || body.Length < 1 + 64 * size)
                return false;
            var table = new int[64];
            for (var i = 0; i < 64; i++)
                table[i] = size == 1 ? body[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(body[(1 + 2 * i)..]);
            steps[id] = table;
            body = body[(1 + 64 * size)..];
        }
        return true;
    }

    bool TryReadHuffman(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var (isAc, id) = (body[0] >> 4, body[0] & 15);
            if (isAc > 1 || id > 3 || HuffmanTable.TryRead(body[1..], isAc == 1, out var length) is not { } table)
                return false;
            (isAc == 1 ? acTables : dcTables)[id] = table;
            body = body[(1 + length)..];
        }
        return true;
    }

    JpegScanHeader? ReadScan(ReadOnlySpan<byte> body, int start)
    {
        if (frame is null || body.Length < 1 || body[0] is 0 or > 4 || body.Length != 4 + 2 * body[0])
            return null;
        var components = new int[body[0]];
        for (var i = 0; i < components.Length; i++)
        {
            var (id, taken) = (body[1 + 2 * i], components[..i]);
            components[i] = Array.FindIndex(frame.Components, c => c.Id == id);
            if (components[i] < 0 || taken.Contains(components[i]) || body[2 + 2 * i] is var s && (s >> 4 | s & 15) > 3)
                return null;
            Steps[components[i]] ??= steps[frame.Components[components[i]].Quant]
                ?? throw new InvalidDataException("a table of quantization steps is missing");
        }
        var scan = frame.IsProgressive
            ? new JpegScanHeader(
                start, components, body[^3], body[^2], body[^1] >> 4, body[^1] & 15, restartInterval)
            : new JpegScanHeader(start, components, 0, 63, 0, 0, restartInterval);
        for (var i = 0; i < components.Length; i++)
        {
            scan.Dc[i] = Table(body[2 + 2 * i] >> 4, isAc: false) ?? (scan.NeedsDc ? throw MissingTable() : null);
            scan.Ac[i] = Table(body[2 + 2 * i] & 15, isAc: true) ?? (scan.NeedsAc ? throw MissingTable() : null);
        }
        return scan.IsValid(frame) ? scan : null;
    }

    /// <summary>As in libjpeg-turbo, only frames of one pass may do without tables of their own.</summary>
    HuffmanTable? Table(int id, bool isAc) =>
        (isAc ? acTables : dcTables)[id] ?? (frame!.IsProgressive ? null : StandardTables.Of(id, isAc));

    static InvalidDataException MissingTable() => new("a Huffman table is missing");
}
