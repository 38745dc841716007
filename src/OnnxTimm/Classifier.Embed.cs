using OnnxTimm.Data;

namespace OnnxTimm;

public sealed partial class Classifier
{
    /// <summary>
    /// Features of an image file: what the model's last linear layer reads, or what a model without a classifier gives.
    /// Images that look alike have features that point the same way (<see cref="Vectors.Cosine"/>).
    /// </summary>
    /// <param name="path">A file that can be decoded: JPEG, PNG, WebP, GIF, BMP.</param>
    /// <exception cref="UserException">
    /// No such file, no image, or a model whose features cannot be told from its other values.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <example>
    /// <code>
    /// float[] features = model.Embed("photo.jpg");
    /// </code>
    /// </example>
    public float[] Embed(string path)
    {
        using var own = pool.Rent();
        Prepare(own, own.Buffer.Read(path), path);
        return embedder.Run(own.Binding);
    }

    /// <summary>Features of the images of a data set, in its order; what cannot be read is left out.</summary>
    internal IEnumerable<(int Index, float[] Features)> EmbedAll(IDataset data, Action<UserException> fault)
    {
        embedder.Check();
        return Ahead.Ordered(Enumerable.Range(0, data.Count), index => Embed(data, index), (_, e) => fault(e));
    }

    float[] Embed(IDataset data, int index)
    {
        using var own = pool.Rent();
        using var pixels = data.Pixels(index);
        if (pixels is not null)
            own.Take(pixels.View());
        else
            Prepare(own, data.Read(index, own.Buffer), data.Name(index));
        return embedder.Run(own.Binding);
    }

    /// <summary>Features of an image file that lies in memory.</summary>
    /// <inheritdoc cref="Embed(string)"/>
    /// <param name="encoded">The whole file.</param>
    public float[] Embed(ReadOnlySpan<byte> encoded)
    {
        using var own = pool.Rent();
        Prepare(own, encoded, Unnamed);
        return embedder.Run(own.Binding);
    }

    /// <summary>Features of an image whose pixels lie in memory.</summary>
    /// <inheritdoc cref="Embed(string)"/>
    /// <param name="pixels">From the first pixel on.</param>
    /// <param name="format">How they lie.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without gaps.</param>
    public float[] Embed(ReadOnlySpan<byte> pixels, PixelFormat format, int width, int height, int stride = 0)
    {
        using var own = pool.Rent();
        own.Take(new Frame(pixels, format, width, height, stride));
        return embedder.Run(own.Binding);
    }

    /// <summary>Features of an image file that comes by a stream.</summary>
    /// <inheritdoc cref="Embed(string)"/>
    /// <param name="image">The file, up to the stream's end.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<float[]> EmbedAsync(Stream image, CancellationToken cancel = default)
    {
        var bytes = await ImageStream.ReadAsync(image, cancel).ConfigureAwait(false);
        return await Task.Run(() => Embed(bytes.Span), cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Features of image files, in their order, on all cores. Files are read as results are taken, a few ahead.
    /// </summary>
    /// <param name="files">The files; nothing is read before the first result is asked for.</param>
    /// <param name="fault">
    /// Takes files that cannot be read, which are then left out, in their order; null to throw at the first.
    /// </param>
    /// <exception cref="UserException">A file is no image, or the model's features cannot be told.</exception>
    public IEnumerable<(string File, float[] Features)> EmbedAll(
        IEnumerable<string> files, Action<string, UserException>? fault = null)
    {
        embedder.Check();
        return Ahead.Ordered(files, Embed, fault);
    }
}
