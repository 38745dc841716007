namespace OnnxTimm.Data;

/// <summary>GIF's variant of LZW (GIF89a, appendix F), with the liberties that Pillow takes.</summary>
ref struct GifCodes
{
    const int MostBits = 12, TableSize = 1 << MostBits;

    readonly ReadOnlySpan<byte> data;
    readonly int clear;
    readonly byte[] last = new byte[TableSize];
    readonly short[] link = new short[TableSize];
    readonly byte[] text = new byte[TableSize + 1];
    int at = 1, block, bits, count;
    int next, size, previous = -1;
    byte first;
    int pending;

    /// <param name="data">The size of a code, then blocks.</param>
    public GifCodes(ReadOnlySpan<byte> data)
    {
        this.data = data;
        if (data[0] > MostBits)
            throw new InvalidDataException($"codes of {data[0]} bits");
        clear = 1 << data[0];
        Restart();
    }

    /// <summary>The indices of the next pixels.</summary>
    /// <exception cref="EndOfStreamException">There are no more.</exception>
    /// <exception cref="InvalidDataException">A code that is not known yet.</exception>
    public void Read(Span<byte> row)
    {
        for (; !row.IsEmpty;)
        {
            while (pending == 0)
                Decode(Next());
            var length = Math.Min(pending, row.Length);
            // The text of a code lies at the end of the buffer, and is taken from its beginning.
            text.AsSpan(text.Length - pending, length).CopyTo(row);
            pending -= length;
            row = row[length..];
        }
    }

    void Restart() => (next, size, previous) = (clear + 2, 1 + int.Log2(clear), -1);

    void Decode(int code)
    {
        if (code == clear)
            Restart();
        else if (code == clear + 1)
            throw new EndOfStreamException("the image data end too early");
        else if (code > (previous < 0 ? clear : next))
            throw new InvalidDataException($"code {code} is not known yet");
        else
            Expand(code);
    }

    void Expand(int code)
    {
        var place = code;
        if (code == next)
        {
            text[^++pending] = first;
            place = previous;
        }
        for (; place >= clear; place = link[place])
            text[^++pending] = last[place];
        text[^++pending] = first = (byte)place;
        if (previous >= 0 && next < TableSize)
        {
            (last[next], link[next]) = (first, (short)previous);
            if (++next == 1 << size && size < MostBits)
                size++;
        }
        previous = code;
    }

    int Next()
    {
        for (; count < size; count += 8)
        {
            while (block == 0)
                block = Block();
            bits |= Byte() << count;
            block--;
        }
        var code = bits & ((1 << size) - 1);
        (bits, count) = (bits >>> size, count - size);
        return code;
    }

    /// <summary>The length of the next block, all of which is there.</summary>
    int Block() => Byte() is var length && length <= data.Length - at
        ? length
        : throw new EndOfStreamException("the image data end too early");

    byte Byte() => at < data.Length ? data[at++] : throw new EndOfStreamException("the image data end too early");
}
