using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>
/// Decodes a scan that is all of the image, as many MCUs at a time as an integer vector has lanes: coefficient k of
/// these blocks lies in one vector, so that the inverse transform treats all of them at once. What is damaged becomes
/// what libjpeg makes of it.
/// </summary>
ref struct JpegScan(JpegHeader header, ReadOnlySpan<byte> file)
{
    readonly int[] predictions = new int[header.Frame.Components.Length];
    readonly JpegScanHeader scan = header.First;
    JpegBits source = new(file, header.First.Start);
    ulong bits;
    int count;
    int done;
    bool isExhausted;

    /// <summary>Where the next byte is taken from.</summary>
    public readonly int At => source.At;

    /// <summary>
    /// Decodes <paramref name="mcus"/> neighbouring MCUs, over zeros. Block row v of component c goes to
    /// <c>blocks[c]</c> from v * H * Lanes * 64 on; block j of the row to lane j % Lanes of group j / Lanes.
    /// </summary>
    /// <exception cref="EndOfStreamException">The file is cut short.</exception>
    public void Decode(int mcus, int[][] blocks)
    {
        for (var m = 0; m < mcus; m++, done++)
        {
            if (scan.RestartInterval > 0 && done > 0 && done % scan.RestartInterval == 0)
                Restart();
            if (isExhausted)
                continue;
            for (var c = 0; c < blocks.Length; c++)
                DecodeMcu(c, m, blocks[c]);
            isExhausted = source.IsExhausted(count);
        }
    }

    void DecodeMcu(int c, int m, int[] blocks)
    {
        var lanes = ZigZag.Lanes;
        var (h, v) = (header.Frame.Components[c].H, header.Frame.Components[c].V);
        for (var y = 0; y < v; y++)
            for (var x = 0; x < h; x++)
            {
                var j = m * h + x;
                DecodeBlock(c, ref blocks[(y * h + j / lanes) * lanes * 64 + j % lanes]);
            }
    }

    void DecodeBlock(int c, ref int block)
    {
        var steps = header.Steps[c]!;
        predictions[c] += TakeDc(scan.Dc[c]!);
        block = (short)predictions[c] * steps[0];
        DecodeAc(scan.Ac[c]!, steps, ref block);
    }

    /// <summary>The difference to the previous DC value.</summary>
    int TakeDc(HuffmanTable table)
    {
        if (count <= JpegBits.Enough)
            (bits, count) = source.Refill(bits, count);
        var size = table.Symbol(bits, out var length);
        bits <<= length;
        count -= length;
        if (size == 0)
            return 0;
        var value = HuffmanTable.Extend((int)(bits >> (64 - size)), size);
        bits <<= size;
        count -= size;
        return value;
    }

    void DecodeAc(HuffmanTable table, int[] steps, ref int block)
    {
        var (b, n) = (bits, count);
        for (var k = 1; k < 64; k++)
        {
            if (n <= JpegBits.Enough)
                (b, n) = source.Refill(b, n);
            var whole = table.Whole[(int)(b >> (64 - HuffmanTable.Bits))];
            if (whole == 0)
                whole = LongAc(table, b);
            b <<= whole & 255;
            n -= whole & 255;
            k += (whole >> 8) & 255;
            var value = whole >> 16;
            if (k > 63)
            {
                // The end of the block; or a run beyond it, whose value libjpeg puts last.
                if (value != 0)
                    Unsafe.Add(ref block, ZigZag.Places[63]) = value * steps[63];
                break;
            }
            Unsafe.Add(ref block, ZigZag.Places[k]) = value * steps[k];
        }
        (bits, count) = (b, n);
    }

    /// <summary>As the look-up of whole coefficients, for those with too many bits.</summary>
    static int LongAc(HuffmanTable table, ulong bits)
    {
        var symbol = table.Symbol(bits, out var length);
        var size = symbol & 15;
        return size == 0
            ? HuffmanTable.WithoutValue(symbol, length)
            : HuffmanTable.Entry(
                HuffmanTable.Extend((int)(bits << length >> (64 - size)), size), symbol >> 4, length + size);
    }

    void Restart()
    {
        isExhausted &= !source.TryRestart((done / scan.RestartInterval - 1) % 8);
        (bits, count) = (0, 0);
        Array.Clear(predictions);
    }
}
