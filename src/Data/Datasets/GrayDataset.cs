namespace OnnxTimm.Data;

/// <summary>A data set whose images are seen without colour, as Pillow's mode L.</summary>
/// <param name="whole">The data set, which is disposed with it.</param>
sealed class GrayDataset(IDataset whole) : IDataset
{
    public int Count => whole.Count;

    public IReadOnlyList<string> Classes => whole.Classes;

    public IReadOnlyList<string> Remarks => whole.Remarks;

    public IReadOnlyList<int> Shards => whole.Shards;

    public bool IsMultiLabel => whole.IsMultiLabel;

    public int Label(int index) => whole.Label(index);

    public void Targets(int index, Span<float> to) => whole.Targets(index, to);

    public string Name(int index) => whole.Name(index);

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => whole.Read(index, buffer);

    public Image Pixels(int index)
    {
        var image = whole.Decode(index, new());
        Colours.Grayscale(image);
        return image;
    }

    public void Dispose() => whole.Dispose();
}
