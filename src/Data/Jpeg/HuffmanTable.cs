using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>
/// A Huffman table (ITU-T T.81, annex C) with two look-ups by the next <see cref="Bits"/> bits: of the symbol, and, for
/// AC coefficients, of run, value and all their bits at once.
/// </summary>
sealed class HuffmanTable
{
    /// <summary>Bits that a look-up takes.</summary>
    public const int Bits = 11;

    static readonly HuffmanTable?[] Recent = new HuffmanTable?[64];

    readonly byte[] body;
    readonly bool isAc;

    /// <summary>Where the codes of each length end, at the top of 16 bits; what leads from code to symbol.</summary>
    readonly int[] limits = new int[18];
    readonly int[] offsets = new int[18];

    HuffmanTable(byte[] body, bool isAc)
    {
        (this.body, this.isAc) = (body, isAc);
        Whole = new int[isAc ? 1 << Bits : 0];
    }

    /// <summary>Symbol in the upper bits, length of the code in the lower four; 0 where the code is longer.</summary>
    public ushort[] Short { get; } = new ushort[1 << Bits];

    /// <summary>Value (16 bits), zeros before it (8), bits in all (8), from above; 0 where they are too many.</summary>
    public int[] Whole { get; }

    /// <summary>The table of given counts and symbols; null where they are no table.</summary>
    public static HuffmanTable? TryRead(ReadOnlySpan<byte> body, bool isAc, out int length)
    {
        length = 16;
        if (body.Length < 16)
            return null;
        foreach (var n in body[..16])
            length += n;
        if (length > 16 + 256 || body.Length < length)
            return null;
        body = body[..length];
        // Most files have the tables of the standard: look whether this one was built lately.
        var hash = new HashCode();
        hash.AddBytes(body);
        ref var recent = ref Recent[(uint)hash.ToHashCode() % Recent.Length];
        return recent is { } known && known.isAc == isAc && body.SequenceEqual(known.body)
            ? known
            : recent = TryBuild(body.ToArray(), isAc);
    }

    static HuffmanTable? TryBuild(byte[] body, bool isAc)
    {
        var table = new HuffmanTable(body, isAc);
        return (isAc || body[16..].All(symbol => symbol <= 15)) && table.TryBuild() ? table : null;
    }

    /// <summary>The next symbol; 0 for a code that does not exist, as libjpeg has it.</summary>
    /// <param name="next">Bits, the next one at the top.</param>
    /// <param name="length">How many of them it takes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Symbol(ulong next, out int length)
    {
        int entry = Short[(int)(next >> (64 - Bits))];
        length = entry & 15;
        return entry != 0 ? entry >> 4 : Long((int)(next >> 48), out length);
    }

    int Long(int next16, out int length)
    {
        for (length = Bits + 1; length <= 16; length++)
            if (next16 < limits[length])
                return body[offsets[length] + (next16 >> (16 - length))];
        return 0;
    }

    bool TryBuild()
    {
        var (code, place) = (0, 16);
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            offsets[length] = place - code;
            if (code + body[length - 1] > 1 << length)
                return false;
            for (var i = 0; i < body[length - 1]; i++)
                Enter(code++, length, body[place++]);
            limits[length] = code << (16 - length);
        }
        return true;
    }

    void Enter(int code, int length, byte symbol)
    {
        if (length > Bits)
            return;
        var (first, count) = (code << (Bits - length), 1 << (Bits - length));
        for (var bits = first; bits < first + count; bits++)
        {
            Short[bits] = (ushort)((symbol << 4) | length);
            var size = symbol & 15;
            if (isAc && length + size <= Bits)
                Whole[bits] = size == 0
                    ? WithoutValue(symbol, length)
                    : Entry(
                        Extend((bits >> (Bits - length - size)) & ((1 << size) - 1), size), symbol >> 4, length + size);
        }
    }

    /// <summary>An entry of <see cref="Whole"/>.</summary>
    public static int Entry(int value, int run, int length) => (value << 16) | (run << 8) | length;

    /// <summary>The entry of a symbol without value: fifteen zeros and one more, or the end of the block.</summary>
    public static int WithoutValue(int symbol, int length) => Entry(0, symbol >> 4 == 15 ? 15 : 64, length);

    /// <summary>The signed value that <paramref name="size"/> bits stand for.</summary>
    public static int Extend(int bits, int size) => bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}
