namespace OnnxTimm.Onnx;

/// <summary>One field of a protobuf message where it lies in the file.</summary>
/// <param name="Number">The field's number.</param>
/// <param name="IsBytes">Whether it is a message, a text or bytes: something with a length.</param>
/// <param name="Start">Where its tag begins.</param>
/// <param name="Body">Where its content begins.</param>
/// <param name="End">Where the next field begins.</param>
readonly record struct WireField(int Number, bool IsBytes, long Start, long Body, long End);

/// <summary>Walks the fields of protobuf messages in a source without reading what is inside of them.</summary>
sealed class WireFields(ByteSource source)
{
    const int Window = 1 << 16;

    ReadOnlyMemory<byte> window;
    long windowStart;

    /// <summary>The fields between two places; a length that leads beyond the end is a fault of the file.</summary>
    public IEnumerable<WireField> Between(long start, long end)
    {
        while (start < end)
        {
            var field = Next(start, end);
            yield return field;
            start = field.End;
        }
    }

    WireField Next(long start, long end)
    {
        var at = start;
        var tag = Varint(ref at, end);
        var body = at;
        var next = (tag & 7) switch
        {
            0 => AfterVarint(at, end),
            1 => at + 8,
            2 => AfterLength(ref body, end),
            5 => at + 4,
            _ => -1,
        };
        return tag >> 3 is > 0 and < 1 << 29 && next >= body && next <= end
            ? new((int)(tag >> 3), (tag & 7) == 2, start, body, next)
            : throw source.Fault($"it is no ONNX model, or damaged at byte {start}");
    }

    long AfterVarint(long at, long end)
    {
        Varint(ref at, end);
        return at;
    }

    long AfterLength(ref long body, long end)
    {
        var length = Varint(ref body, end);
        return length <= (ulong)(end - body) ? body + (long)length : -1;
    }

    ulong Varint(ref long at, long end)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64 && at < end; shift += 7)
        {
            var b = At(at++);
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw source.Fault($"it is no ONNX model, or damaged at byte {at}");
    }

    byte At(long offset)
    {
        if (offset < windowStart || offset >= windowStart + window.Length)
        {
            windowStart = offset;
            window = source.Bytes(offset, Math.Min(Window, source.Length - offset));
        }
        return window.Span[(int)(offset - windowStart)];
    }
}
