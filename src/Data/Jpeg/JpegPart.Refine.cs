using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <content>A further bit of coefficients that earlier scans began (ITU-T T.81, G.1.2.3).</content>
ref partial struct JpegPart
{
    void RefineAc(HuffmanTable table, ref short block)
    {
        var k = skipped > 0 ? from : RefineUpToEnd(table, ref block);
        if (skipped == 0)
            return;
        skipped--;
        for (var rest = MemoryMarshal.CreateSpan(ref block, to + 1)[k..];
            rest.IndexOfAnyExcept((short)0) is >= 0 and var at; rest = rest[(at + 1)..])
            if (Take(1) != 0)
                rest[at] = Refined(rest[at]);
    }

    /// <summary>A bit for each coefficient that is there, and new ones, until no new one follows.</summary>
    int RefineUpToEnd(HuffmanTable table, ref short block)
    {
        var (b, n) = (bits, count);
        var k = from;
        for (; k <= to; k++)
        {
            if (n <= JpegBits.Enough)
                (b, n) = source.Refill(b, n);
            var symbol = table.Symbol(b, out var length);
            var (run, value) = (symbol >> 4, 0);
            b <<= length;
            n -= length;
            if ((symbol & 15) != 0)
            {
                // A new coefficient has one bit.
                value = (long)b < 0 ? 1 << low : -1 << low;
                b <<= 1;
                n--;
            }
            else if (run < 15)
            {
                (bits, count) = (b, n);
                EndBlocks(run);
                return k;
            }
            for (; k <= to; k++)
            {
                ref var known = ref Unsafe.Add(ref block, k);
                if (known == 0)
                {
                    if (--run < 0)
                        break;
                    continue;
                }
                if (n <= JpegBits.Enough)
                    (b, n) = source.Refill(b, n);
                if ((long)b < 0)
                    known = Refined(known);
                b <<= 1;
                n--;
            }
            if (value != 0)
                Unsafe.Add(ref block, Math.Min(k, 63)) = (short)value;
        }
        (bits, count) = (b, n);
        return k;
    }

    /// <summary>A coefficient and its next bit; one that has it already is the mark of damage.</summary>
    readonly short Refined(short value) =>
        (value & 1 << low) != 0 ? value : (short)(value + (value > 0 ? 1 << low : -1 << low));
}
