namespace OnnxTimm.Data;

/// <summary>The inputs of a network that takes patches of several images, to be filled.</summary>
/// <param name="patches">[N, L, side * side * C], row, column, colour.</param>
/// <param name="places">Row and column of each, [N, L, 2].</param>
/// <param name="valid">Whether each is one, or padding, [N, L].</param>
public readonly ref struct PatchMemory(Span<float> patches, Span<long> places, Span<bool> valid)
{
    readonly Span<float> patches = patches;
    readonly Span<long> places = places;
    readonly Span<bool> valid = valid;

    /// <summary>Cuts images into patches; what is left is padding, all of it 0.</summary>
    public void Fill(ImageBatch images)
    {
        var cut = images.Shape.Patches!;
        var (length, room) = (cut.MaxSeqLen, images.Shape.ImageLength);
        patches.Clear();
        places.Clear();
        valid.Clear();
        for (var i = 0; i < images.Shape.Count; i++)
        {
            var size = images.SizeOf(i);
            cut.Cut(images[i], size, patches.Slice(i * room, room));
            var (columns, count) = (size.Width / cut.Side, size.Height / cut.Side * (size.Width / cut.Side));
            valid.Slice(i * length, count).Fill(true);
            for (var t = 0; t < count; t++)
                (places[2 * (i * length + t)], places[2 * (i * length + t) + 1]) = Math.DivRem(t, columns);
        }
    }
}
