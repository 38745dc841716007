using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>
/// The image data of a PNG file: what its chunks "IDAT" hold, read where it lies. They follow each other; the data end
/// at the first other chunk, or with the file.
/// </summary>
/// <param name="file">The file, which has to stay where it is.</param>
/// <param name="length">Its bytes.</param>
/// <param name="start">Where the first of the chunks begins.</param>
sealed unsafe class PngData(byte* file, int length, int start) : Stream
{
    int chunk = start, at, left;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>All bytes that can be read.</summary>
    public static long Count(ReadOnlySpan<byte> file, int start)
    {
        var count = 0L;
        for (int at = start, next; (next = Body(file, at)) >= 0; at += PngChunks.Head + next + PngChunks.Tail)
            count += next;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (left == 0)
        {
            if (Body(File, chunk) is not (>= 0 and var body))
                return 0;
            (at, left) = (chunk + PngChunks.Head, body);
            chunk += PngChunks.Head + body + PngChunks.Tail;
        }
        var taken = Math.Min(left, buffer.Length);
        File.Slice(at, taken).CopyTo(buffer);
        (at, left) = (at + taken, left - taken);
        return taken;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    ReadOnlySpan<byte> File => new(file, length);

    /// <summary>How much a chunk of image data holds that is in the file; negative where there is none.</summary>
    static int Body(ReadOnlySpan<byte> file, int at)
    {
        if (at > file.Length - PngChunks.Head || !file.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
            return -1;
        return (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(file[at..]), file.Length - at - PngChunks.Head);
    }
}
