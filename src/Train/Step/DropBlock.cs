namespace OnnxTimm.Train;

/// <summary>
/// DropBlock (arXiv:1810.12890) by timm's rule (timm/layers/drop.py): squares around places that are drawn are zeroed,
/// for all channels alike, and what is left is scaled so that the mean over the batch stays.
/// </summary>
static class DropBlock
{
    /// <summary>What a map is multiplied by, [N, 1, H, W].</summary>
    /// <param name="n">A DropBlock.</param>
    /// <param name="input">Declares a mask of a shape and a share of zeros.</param>
    public static Value Mask(Node n, Func<Shape, double, Value> input)
    {
        var (h, w) = (n[0].Height, n[0].Width);
        var (kh, kw) = ((int)Math.Min(n.Int("block_size"), h), (int)Math.Min(n.Int("block_size"), w));
        var share = (double)n.Float("gamma_scale") * n.Float("ratio") * h * w / (kh * kw)
            / ((h - kh + 1) * (w - kw + 1));
        var places = input(new(n[0].Shape[0], 1, h, w), share);
        // The least of a window is the largest of what is negative. An even square begins a pixel late.
        long[] pads = [(kh - 1) / 2, (kw - 1) / 2, kh / 2, kw / 2];
        var kept = -(-places.Positive()).MaxPool([kh, kw], [1, 1], pads);
        return kept * (kept.CountPerChannel() / (kept.ReduceSum([0, 1, 2, 3]) + 1e-7));
    }
}
