namespace OnnxTimm.Data;

/// <summary>
/// Mixup (arXiv:1710.09412) and cutmix (arXiv:1905.04899) of images of different shapes: images of a like shape make
/// pairs, and only the middle that both have is mixed; timm's naflex_mixup.py. An image that is left over stays.
/// </summary>
/// <remarks>timm shuffles a copy of its order of shapes, which changes nothing: it is not drawn here.</remarks>
public sealed record PatchMixup : IBatchMix
{
    /// <summary>Concentration of mixup's shares; 0 for no mixup.</summary>
    public double MixupAlpha { get; init; } = 0.8;

    /// <summary>Concentration of cutmix's shares; 0 for no cutmix.</summary>
    public double CutmixAlpha { get; init; } = 1;

    /// <summary>How often a batch is mixed.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>How often by cutmix, where both are on.</summary>
    public double SwitchProbability { get; init; } = 0.5;

    /// <summary>The epoch from which on nothing is mixed; 0 for none.</summary>
    public int OffEpoch { get; init; }

    /// <inheritdoc/>
    public int Kept(BatchShape shape) => MixupAlpha > 0 || CutmixAlpha > 0 ? shape.Count
        : throw new UserException("Mixing needs mixup or cutmix: an alpha above 0.");

    /// <inheritdoc/>
    public void Apply(ImageBatch images, int epoch, CounterRandom random, Span<Partner> partners)
    {
        var count = images.Shape.Count;
        for (var i = 0; i < count; i++)
            partners[i] = new(i, 1);
        if (count < 2 || (OffEpoch > 0 && epoch >= OffEpoch) || !random.Chance(Probability))
            return;
        var cuts = CutmixAlpha > 0 && (MixupAlpha <= 0 || random.Chance(SwitchProbability));
        var share = Math.Clamp(random.Beta(cuts ? CutmixAlpha : MixupAlpha), 0, 1);
        var (pairs, overlaps) = (Pairs(images), new Overlap[count]);
        for (var i = 0; i < count; i++)
            if (pairs[i] != i)
                overlaps[i] = cuts ? Overlap.Cut(images.SizeOf(i), images.SizeOf(pairs[i]), share, random)
                    : Overlap.Of(images.SizeOf(i), images.SizeOf(pairs[i]));
        for (var i = 0; i < count; i++)
            if (pairs[i] > i)
                Mix(images, i, pairs[i], overlaps, cuts ? 0 : share, partners);
    }

    /// <summary>The partner of each image: the next by width over height, or itself for one that is left.</summary>
    static int[] Pairs(ImageBatch images)
    {
        int[] pairs = [.. Enumerable.Range(0, images.Shape.Count)];
        var shapes = new double[pairs.Length];
        for (var i = 0; i < shapes.Length; i++)
            shapes[i] = (double)images.SizeOf(i).Width / images.SizeOf(i).Height;
        foreach (var pair in pairs.OrderBy(i => shapes[i]).Chunk(2).Where(pair => pair.Length == 2).ToArray())
            (pairs[pair[0]], pairs[pair[1]]) = (pair[1], pair[0]);
        return pairs;
    }

    static void Mix(ImageBatch images, int one, int other, Overlap[] overlaps, double share, Span<Partner> partners)
    {
        var (before, after) = (images[one].ToArray(), images[other].ToArray());
        var (a, b) = (images.SizeOf(one), images.SizeOf(other));
        overlaps[one].Put(images[one], a, after, b, share);
        overlaps[other].Put(images[other], b, before, a, share);
        partners[one] = new(other, (float)overlaps[one].Rest(a, share));
        partners[other] = new(one, (float)overlaps[other].Rest(b, share));
    }

    /// <summary>A rectangle of an image that is mixed with one of the same size of its partner.</summary>
    readonly record struct Overlap(int Top, int Left, int PartnerTop, int PartnerLeft, int Height, int Width)
    {
        /// <summary>The middle that both have.</summary>
        public static Overlap Of(ImageSize own, ImageSize partner)
        {
            var (h, w) = (Math.Min(own.Height, partner.Height), Math.Min(own.Width, partner.Width));
            return new((own.Height - h) / 2, (own.Width - w) / 2, (partner.Height - h) / 2, (partner.Width - w) / 2,
                h, w);
        }

        /// <summary>A random part of it, of an edge that leaves a share.</summary>
        public static Overlap Cut(ImageSize own, ImageSize partner, double share, CounterRandom random)
        {
            var (all, edge) = (Of(own, partner), Math.Sqrt(1 - share));
            var (h, w) = ((int)(all.Height * edge), (int)(all.Width * edge));
            var (y, x) = (random.Integer(0, all.Height - h), random.Integer(0, all.Width - w));
            return new(all.Top + y, all.Left + x, all.PartnerTop + y, all.PartnerLeft + x, h, w);
        }

        /// <summary>The part of an image that stays its own, where the rectangle keeps a share.</summary>
        public double Rest(ImageSize own, double share)
        {
            var (mixed, all) = ((double)Height * Width, (double)own.Height * own.Width);
            return (all - mixed) / all + share * mixed / all;
        }

        /// <summary>Mixes it in.</summary>
        public void Put(Span<float> image, ImageSize own, ReadOnlySpan<float> partner, ImageSize other, double share)
        {
            var channels = image.Length / (own.Height * own.Width);
            for (var row = 0; row < channels * Height; row++)
            {
                var (channel, y) = Math.DivRem(row, Height);
                var to = image.Slice((channel * own.Height + Top + y) * own.Width + Left, Width);
                var from = partner.Slice((channel * other.Height + PartnerTop + y) * other.Width + PartnerLeft, Width);
                for (var x = 0; x < Width; x++)
                    to[x] = share == 0 ? from[x] : to[x] * (float)share + from[x] * (float)(1 - share);
            }
        }
    }
}
