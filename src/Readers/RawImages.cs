namespace OnnxTimm.Data;

/// <summary>Small images of one size that are held in memory.</summary>
/// <param name="name">What they are called in messages.</param>
/// <param name="shape">Channels (1 or 3), height and width.</param>
/// <param name="pixels">Bytes of all images, each plane by plane.</param>
/// <param name="labels">The label of each.</param>
/// <param name="classes">Names of the classes.</param>
sealed class RawImages(string name, (int Channels, int Height, int Width) shape, ReadOnlyMemory<byte> pixels,
    int[] labels, IReadOnlyList<string> classes) : IDataset
{
    public int Count => labels.Length;

    public IReadOnlyList<string> Classes => classes;

    public int Label(int index) => labels[index];

    public string Name(int index) => $"{name}/{index}";

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) =>
        throw new NotSupportedException("These images are pixels.");

    public Image Pixels(int index)
    {
        var plane = shape.Height * shape.Width;
        var from = pixels.Span.Slice(index * plane * shape.Channels, plane * shape.Channels);
        // A gray image has its only plane for each colour.
        var (green, blue) = shape.Channels == 1 ? (0, 0) : (plane, 2 * plane);
        var image = Image.Rent(shape.Width, shape.Height);
        var to = image.Words;
        for (var i = 0; i < plane; i++)
            to[i] = (uint)(from[i] | (from[green + i] << 8) | (from[blue + i] << 16));
        return image;
    }

    public void Dispose()
    {
    }
}
