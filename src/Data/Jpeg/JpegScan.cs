using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>
/// Decodes the coefficients of a scan, as many MCUs at a time as an integer vector has lanes: coefficient k of these
/// blocks lies in one vector, so that the inverse transform treats all of them at once.
/// </summary>
ref struct JpegScan(JpegHeader header, ReadOnlySpan<byte> data)
{
    const int FirstRestart = 0xD0, EndOfImage = 0xD9;

    static readonly byte[] ZigZag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Where each coefficient goes, in the order of the file.</summary>
    static readonly int[] Places = [.. ZigZag.Select(z => z * Lanes)];

    readonly int[] predictions = new int[header.Components.Length];
    JpegBits source = new(data);
    ulong bits;
    int count;
    int done;

    /// <summary>MCUs that are decoded at once.</summary>
    public static int Lanes => Vector<int>.Count;

    /// <summary>Whether the image ends here, as it should after the last MCU.</summary>
    public readonly bool IsAtEnd => source.IsAtMarker(EndOfImage, count);

    /// <summary>
    /// Decodes <paramref name="mcus"/> neighbouring MCUs. Block row v of component c goes to <c>blocks[c]</c> from
    /// v * H * Lanes * 64 on; block j of the row to lane j % Lanes of group j / Lanes.
    /// </summary>
    public bool TryDecode(int mcus, int[][] blocks)
    {
        foreach (var b in blocks)
            Array.Clear(b);
        for (var m = 0; m < mcus; m++)
        {
            if (header.RestartInterval > 0 && done > 0 && done % header.RestartInterval == 0 && !TryRestart())
                return false;
            for (var c = 0; c < blocks.Length; c++)
                if (!TryMcu(c, m, blocks[c]))
                    return false;
            done++;
        }
        return source.IsIntact(count);
    }

    bool TryMcu(int c, int m, int[] blocks)
    {
        var (h, v) = (header.Components[c].H, header.Components[c].V);
        for (var y = 0; y < v; y++)
            for (var x = 0; x < h; x++)
            {
                var j = m * h + x;
                if (!TryBlock(c, ref blocks[(y * h + j / Lanes) * Lanes * 64 + j % Lanes]))
                    return false;
            }
        return true;
    }

    bool TryBlock(int c, ref int block)
    {
        var selector = header.Selectors[c];
        var steps = header.Steps[header.Components[c].Quant]!;
        var difference = TakeDc(header.DcTables[selector >> 4]!);
        predictions[c] += difference;
        block = predictions[c] * steps[0];
        return predictions[c] is >= short.MinValue and <= short.MaxValue
            && TryAc(header.AcTables[selector & 15]!, steps, ref block);
    }

    /// <summary>The difference to the previous DC value; int.MinValue where the data are damaged.</summary>
    int TakeDc(HuffmanTable table)
    {
        if (count <= JpegBits.Enough)
            (bits, count) = source.Refill(bits, count);
        int entry = table.Short[(int)(bits >> (64 - HuffmanTable.Bits))];
        var (size, length) = entry != 0 ? (entry >> 4, entry & 15) : (table.Long((int)(bits >> 48), out var l), l);
        if (size is < 0 or > 11)
            return int.MinValue;
        bits <<= length;
        count -= length;
        if (size == 0)
            return 0;
        var value = HuffmanTable.Extend((int)(bits >> (64 - size)), size);
        bits <<= size;
        count -= size;
        return value;
    }

    bool TryAc(HuffmanTable table, int[] steps, ref int block)
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
                // The end of the block, or a run beyond it.
                if (value != 0)
                    return false;
                break;
            }
            Unsafe.Add(ref block, Places[k]) = value * steps[k];
        }
        (bits, count) = (b, n);
        return true;
    }

    /// <summary>As the look-up of whole coefficients, for those with too many bits; damage is a run too long.</summary>
    static int LongAc(HuffmanTable table, ulong bits)
    {
        int entry = table.Short[(int)(bits >> (64 - HuffmanTable.Bits))];
        var (symbol, length) = entry != 0 ? (entry >> 4, entry & 15) : (table.Long((int)(bits >> 48), out var l), l);
        if (symbol < 0)
            return HuffmanTable.Entry(1, 64, 0);
        var size = symbol & 15;
        return size == 0
            ? HuffmanTable.WithoutValue(symbol, length)
            : HuffmanTable.Entry(
                HuffmanTable.Extend((int)(bits << length >> (64 - size)), size), symbol >> 4, length + size);
    }

    bool TryRestart()
    {
        if (!source.IsAtMarker(FirstRestart + (done / header.RestartInterval - 1) % 8, count))
            return false;
        source.SkipMarker();
        (bits, count) = (0, 0);
        Array.Clear(predictions);
        return true;
    }
}
