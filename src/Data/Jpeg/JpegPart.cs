using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// Decodes one of several scans (ITU-T T.81, annex G): some coefficients of some components, or a further bit of them.
/// What is damaged becomes what libjpeg makes of it.
/// </summary>
ref partial struct JpegPart(JpegFrame frame, JpegScanHeader scan, ReadOnlySpan<byte> file)
{
    readonly int[] predictions = new int[scan.Components.Length];
    readonly int from = scan.From, to = scan.To, low = scan.Low;
    JpegBits source = new(file, scan.Start);
    ulong bits;
    int count;

    /// <summary>Blocks that are still to come without new coefficients.</summary>
    int skipped;
    int untilRestart = scan.RestartInterval, restarts;
    bool isExhausted;

    /// <summary>Adds what the scan brings, and gives the place where it ends.</summary>
    /// <exception cref="EndOfStreamException">The file is cut short.</exception>
    public int Decode(JpegCoefficients[] target)
    {
        if (scan.Components is [var only])
            DecodeAlone(target[only]);
        else
            DecodeInterleaved(target);
        return source.At;
    }

    void DecodeAlone(JpegCoefficients target)
    {
        for (var y = 0; y < target.Height; y++)
        {
            ref var row = ref MemoryMarshal.GetReference(target.Row(y));
            for (var x = 0; x < target.Width; x++)
            {
                if (!IsThere())
                    continue;
                DecodeBlock(0, ref Unsafe.Add(ref row, x * 64));
                isExhausted = source.IsExhausted(count);
            }
        }
    }

    void DecodeInterleaved(JpegCoefficients[] target)
    {
        for (var y = 0; y < frame.Down; y++)
            for (var x = 0; x < frame.Across; x++)
            {
                if (!IsThere())
                    continue;
                for (var i = 0; i < scan.Components.Length; i++)
                    DecodeBlocks(i, target[scan.Components[i]], x, y);
                isExhausted = source.IsExhausted(count);
            }
    }

    /// <summary>The blocks of a component in MCU (x, y).</summary>
    void DecodeBlocks(int i, JpegCoefficients target, int x, int y)
    {
        var component = frame.Components[scan.Components[i]];
        for (var v = 0; v < component.V; v++)
            for (var h = 0; h < component.H; h++)
                DecodeBlock(i, ref target.Row(y * component.V + v)[(x * component.H + h) * 64]);
    }

    /// <summary>Whether the data go on with the next MCU: goes over a restart that is due.</summary>
    bool IsThere()
    {
        if (scan.RestartInterval > 0 && untilRestart-- == 0)
        {
            untilRestart = scan.RestartInterval - 1;
            isExhausted &= !source.TryRestart(restarts++ % 8);
            (bits, count, skipped) = (0, 0, 0);
            Array.Clear(predictions);
        }
        return !isExhausted;
    }

    void DecodeBlock(int i, ref short block)
    {
        if (from == 0)
        {
            if (scan.High == 0)
                block = (short)((predictions[i] += TakeDc(scan.Dc[i]!)) << low);
            else if (Take(1) != 0)
                block |= (short)(1 << low);
        }
        if (to == 0)
            return;
        if (scan.High > 0)
            RefineAc(scan.Ac[i]!, ref block);
        else if (skipped > 0)
            skipped--;
        else
            DecodeAc(scan.Ac[i]!, ref block);
    }

    int TakeDc(HuffmanTable table)
    {
        Refill();
        var size = table.Symbol(bits, out var length);
        bits <<= length;
        count -= length;
        return size > 0 ? HuffmanTable.Extend(Take(size), size) : 0;
    }

    void DecodeAc(HuffmanTable table, ref short block)
    {
        var (b, n) = (bits, count);
        for (var k = Math.Max(1, from); k <= to; k++)
        {
            if (n <= JpegBits.Enough)
                (b, n) = source.Refill(b, n);
            var whole = table.Whole[(int)(b >> (64 - HuffmanTable.Bits))];
            if (whole >> 16 == 0)
            {
                var symbol = table.Symbol(b, out var length);
                var (run, size) = (symbol >> 4, symbol & 15);
                if (size == 0 && run < 15)
                {
                    (bits, count) = (b << length, n - length);
                    EndBlocks(run);
                    skipped--;
                    return;
                }
                whole = HuffmanTable.Entry(size == 0 ? 0
                    : HuffmanTable.Extend((int)(b << length >> (64 - size)), size), run, length + size);
            }
            b <<= whole & 255;
            n -= whole & 255;
            k += (whole >> 8) & 255;
            if (whole >> 16 is not 0 and var value)
                Unsafe.Add(ref block, Math.Min(k, 63)) = (short)(value << low);
        }
        (bits, count) = (b, n);
    }

    /// <summary>This block ends, and so do others after it: 2^run and as many as the next bits say.</summary>
    void EndBlocks(int run) => skipped = frame.IsProgressive && run > 0 ? (1 << run) + Take(run) : 1;

    /// <summary>The next bits as a number: from 1 to 15 of them.</summary>
    int Take(int size)
    {
        Refill();
        var value = (int)(bits >> (64 - size));
        bits <<= size;
        count -= size;
        return value;
    }

    void Refill()
    {
        if (count <= JpegBits.Enough)
            (bits, count) = source.Refill(bits, count);
    }
}
