namespace OnnxTimm.Data;

/// <summary>Takes the rows of an image one after the other, while they are in the processor's cache.</summary>
interface IRowSink
{
    /// <summary>Puts a row of R, G, B, x pixels.</summary>
    void Put(int y, ReadOnlySpan<byte> rgbx);
}

/// <summary>Rows into an image, from pixel (<paramref name="left"/>, <paramref name="top"/>) on.</summary>
readonly ref struct ImageSink(Image image, int left = 0, int top = 0) : IRowSink
{
    public void Put(int y, ReadOnlySpan<byte> rgbx) => rgbx.CopyTo(image.Row(top + y)[(left * Pixels.Size)..]);
}

/// <summary>Rows one behind the other.</summary>
readonly ref struct RowsSink(Span<byte> rows, int stride) : IRowSink
{
    readonly Span<byte> rows = rows;

    public void Put(int y, ReadOnlySpan<byte> rgbx) => rgbx.CopyTo(rows[(y * stride)..]);
}

/// <summary>Rows into the planes of a model's input.</summary>
readonly ref struct BytePlanesSink(Span<byte> chw, int channels, Placement place) : IRowSink
{
    readonly Span<byte> chw = chw;

    public void Put(int y, ReadOnlySpan<byte> rgbx) =>
        Packing.ToPlanes(rgbx, chw[place.Offset(y)..], place.Plane, channels);
}

/// <summary>Rows into the planes of a model's input, normalised.</summary>
readonly ref struct FloatPlanesSink(Span<float> chw, Normalization normalization, Placement place) : IRowSink
{
    readonly Span<float> chw = chw;

    public void Put(int y, ReadOnlySpan<byte> rgbx) =>
        normalization.ToPlanes(rgbx, chw[place.Offset(y)..], place.Plane);
}
