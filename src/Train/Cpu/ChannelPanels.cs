namespace OnnxTimm.Train.Cpu;

/// <summary>
/// A map [N, C, H, W] with the channels of a pixel side by side: for each group panels of up to 48 channels, in each
/// all pixels of the batch, one behind the other. Bound by memory.
/// </summary>
sealed unsafe class ChannelPanels
{
    const int Most = Correlation.PanelWidth / Lanes.Count;

    /// <summary>Pixels that a thread packs at a time.</summary>
    const int Piece = 256;

    readonly int groups, groupSize, area;

    /// <param name="channels">Channels of the map.</param>
    /// <param name="groups">Groups that they fall into.</param>
    /// <param name="area">Pixels of an image.</param>
    public ChannelPanels(int channels, int groups, int area)
    {
        (this.groups, groupSize, this.area) = (groups, channels / groups, area);
        var vectors = (groupSize + Lanes.Count - 1) / Lanes.Count;
        var count = (vectors + Most - 1) / Most;
        All = [.. Enumerable.Range(0, count).Select(i => (vectors * i / count, vectors * (i + 1) / count)).Select(v =>
            new Panel(v.Item1 * Lanes.Count, (v.Item2 - v.Item1) * Lanes.Count,
                Math.Min(groupSize, v.Item2 * Lanes.Count) - v.Item1 * Lanes.Count))];
        Width = vectors * Lanes.Count;
    }

    /// <summary>Channels of a group that lie side by side.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="Width">Floats of a pixel: whole vectors, with zeros behind the last channel.</param>
    /// <param name="Channels">How many there are.</param>
    public readonly record struct Panel(int First, int Width, int Channels);

    /// <summary>The panels of a group.</summary>
    public Panel[] All { get; }

    /// <summary>Floats of a pixel in all panels of a group.</summary>
    public int Width { get; }

    /// <summary>Floats of a group.</summary>
    /// <param name="n">Images of the batch.</param>
    public long GroupSize(long n) => n * area * Width;

    /// <summary>Packs a batch.</summary>
    public float* Pack(KernelContext context, float* map, long n, int slot)
    {
        var target = Scratch.Floats(slot, GroupSize(n) * groups);
        var (from, to) = ((nint)map, (nint)target);
        var pieces = (area + Piece - 1) / Piece;
        context.ParallelFor((int)n * groups * pieces, task =>
        {
            var (plane, piece) = Math.DivRem(task, pieces);
            var (image, group) = Math.DivRem(plane, groups);
            var (first, count) = (piece * Piece, Math.Min(Piece, area - piece * Piece));
            foreach (var panel in All)
                Pack((float*)from + ((long)plane * groupSize + panel.First) * area + first, panel, count,
                    (float*)to + group * GroupSize(n) + panel.First * n * area
                    + ((long)image * area + first) * panel.Width);
        });
        return target;
    }

    void Pack(float* map, Panel panel, int pixels, float* target)
    {
        Transposed.Copy(map, area, (panel.Channels, pixels), target, panel.Width);
        var rest = panel.Width - panel.Channels;
        for (var pixel = 0; rest > 0 && pixel < pixels; pixel++)
            new Span<float>(target + (long)pixel * panel.Width + panel.Channels, rest).Clear();
    }
}
