namespace OnnxTimm;

/// <summary>Whole image files out of streams.</summary>
static class ImageStream
{
    /// <summary>More than any image file has: a stream that goes on beyond is no image.</summary>
    const int Most = 1 << 28;

    /// <exception cref="UserException">It is longer than an image.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var all = new MemoryStream();
        var part = new byte[1 << 16];
        for (int read; (read = await stream.ReadAsync(part, cancel).ConfigureAwait(false)) > 0;)
        {
            if (all.Length + read > Most)
                throw new UserException($"A stream of more than {Most} bytes is no image.");
            all.Write(part, 0, read);
        }
        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }
}
