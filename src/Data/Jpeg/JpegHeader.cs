using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>One colour component: its blocks in an MCU, and its tables.</summary>
/// <param name="Id">Name in the file.</param>
/// <param name="H">Blocks of an MCU in a row.</param>
/// <param name="V">Blocks of an MCU in a column.</param>
/// <param name="Quant">Number of its quantization table.</param>
readonly record struct JpegComponent(byte Id, int H, int V, int Quant);

/// <summary>
/// What a JPEG file says before its first scan (ITU-T T.81, annex B), as far as <see cref="JpegDecoder"/> reads it:
/// sequential Huffman coding of 8 bits, gray or YCbCr, one scan. <see cref="TryRead"/> refuses everything else.
/// </summary>
sealed class JpegHeader
{
    const byte StartOfImage = 0xD8, StartOfScan = 0xDA, Quantization = 0xDB, Huffman = 0xC4, Restarts = 0xDD;
    const byte Baseline = 0xC0, Extended = 0xC1, Jfif = 0xE0, Adobe = 0xEE;

    bool isJfif;
    int adobeTransform = -1;

    public int Width { get; private set; }

    public int Height { get; private set; }

    public JpegComponent[] Components { get; private set; } = [];

    /// <summary>Quantization steps in zigzag order.</summary>
    public int[]?[] Steps { get; } = new int[]?[4];

    public HuffmanTable?[] DcTables { get; } = new HuffmanTable?[4];

    public HuffmanTable?[] AcTables { get; } = new HuffmanTable?[4];

    /// <summary>The Huffman tables of each component: DC in the upper four bits, AC in the lower.</summary>
    public byte[] Selectors { get; private set; } = [];

    /// <summary>MCUs between restart markers; 0 for none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Where the coded data begins.</summary>
    public int ScanStart { get; private set; }

    /// <summary>Reads up to the first scan; null where the file is anything else than said above, or damaged.</summary>
    public static JpegHeader? TryRead(ReadOnlySpan<byte> file)
    {
        var header = new JpegHeader();
        if (file.Length < 4 || file[0] != 0xFF || file[1] != StartOfImage)
            return null;
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
        {
            var (marker, length) = (file[at + 1], BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]));
            if (length < 2 || length > file.Length - at - 2)
                return null;
            var body = file.Slice(at + 4, length - 2);
            at += 2 + length;
            if (marker == StartOfScan)
                return header.ReadScan(body, at) ? header : null;
            if (!header.ReadSegment(marker, body))
                return null;
        }
        return null;
    }

    bool ReadSegment(byte marker, ReadOnlySpan<byte> body)
    {
        switch (marker)
        {
            case Quantization:
                return ReadSteps(body);
            case Huffman:
                return ReadHuffman(body);
            case Baseline or Extended:
                return ReadFrame(body);
            case Restarts when body.Length == 2:
                RestartInterval = BinaryPrimitives.ReadUInt16BigEndian(body);
                return true;
            case Jfif:
                isJfif |= body.StartsWith("JFIF\0"u8);
                return true;
            case Adobe:
                adobeTransform = body.StartsWith("Adobe"u8) && body.Length >= 12 ? body[11] : adobeTransform;
                return true;
            default:
                // Application data and comments; other frames and arithmetic coding are not for us.
                return marker is 0xFE or (>= 0xE0 and <= 0xEF);
        }
    }

    bool ReadSteps(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var (wide, id) = (body[0] >> 4, body[0] & 15);
            var size = wide == 0 ? 1 : 2;
            if (wide > 1 || id > 3 || body.Length < 1 + 64 * size)
                return false;
            var steps = new int[64];
            for (var i = 0; i < 64; i++)
                steps[i] = size == 1 ? body[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(body[(1 + 2 * i)..]);
            Steps[id] = steps;
            body = body[(1 + 64 * size)..];
        }
        return true;
    }

    bool ReadHuffman(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var (isAc, id) = (body[0] >> 4, body[0] & 15);
            if (isAc > 1 || id > 3 || HuffmanTable.TryRead(body[1..], isAc == 1, out var length) is not { } table)
                return false;
            (isAc == 1 ? AcTables : DcTables)[id] = table;
            body = body[(1 + length)..];
        }
        return true;
    }

    bool ReadFrame(ReadOnlySpan<byte> body)
    {
        if (Components.Length > 0 || body.Length < 6 || body[0] != 8 || body[5] is not (1 or 3)
            || body.Length != 6 + 3 * body[5])
            return false;
        Height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        Components = new JpegComponent[body[5]];
        for (var i = 0; i < Components.Length; i++)
        {
            var c = body.Slice(6 + 3 * i, 3);
            Components[i] = new(c[0], c[1] >> 4, c[1] & 15, c[2]);
        }
        if (Components.Any(c => c is not { H: >= 1 and <= 4, V: >= 1 and <= 4 }))
            return false;
        if (Components.Length == 1)
            // Blocks of a single component follow each other, whatever its sampling says.
            Components[0] = Components[0] with { H = 1, V = 1 };
        return Width > 0 && Height > 0 && Components.All(c => c.Quant < 4) && IsSamplingKnown();
    }

    bool IsSamplingKnown() =>
        (Components[0].H, Components[0].V) is (1, 1) or (2, 1) or (2, 2)
        && Components.Skip(1).All(c => c is { H: 1, V: 1 });

    bool ReadScan(ReadOnlySpan<byte> body, int start)
    {
        var n = Components.Length;
        if (n == 0 || body.Length != 4 + 2 * n || body[0] != n || body[^3..] is not [0, 63, 0])
            return false;
        (Selectors, ScanStart) = (new byte[n], start);
        for (var i = 0; i < n; i++)
        {
            Selectors[i] = body[2 + 2 * i];
            if (body[1 + 2 * i] != Components[i].Id || Selectors[i] >> 4 > 3 || (Selectors[i] & 15) > 3
                || DcTables[Selectors[i] >> 4] == null || AcTables[Selectors[i] & 15] == null
                || Steps[Components[i].Quant] == null)
                return false;
        }
        return n == 1 || IsYcc();
    }

    /// <summary>Whether three components are YCbCr, by libjpeg's rules.</summary>
    bool IsYcc() => isJfif || adobeTransform == 1
        || (adobeTransform < 0 && Components is not [{ Id: (byte)'R' }, { Id: (byte)'G' }, { Id: (byte)'B' }]);
}
