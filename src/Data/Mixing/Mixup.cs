namespace OnnxTimm.Data;

/// <summary>For what images mixing draws its numbers anew; timm's modes.</summary>
public enum MixMode
{
    /// <summary>Once for the batch.</summary>
    Batch,

    /// <summary>Once for both images of a pair.</summary>
    Pair,

    /// <summary>For each image.</summary>
    Elem,

    /// <summary>For each image of the first half, into which the other is mixed and gone.</summary>
    Half,
}

/// <summary>
/// Mixup (arXiv:1710.09412) and cutmix (arXiv:1905.04899): an image and its partner, the first with the last and so on,
/// are added in shares, or a rectangle of one is put into the other; timm's mixup.py.
/// </summary>
public sealed record Mixup : IBatchMix
{
    /// <summary>Concentration of mixup's shares; 0 for no mixup.</summary>
    public double MixupAlpha { get; init; } = 1;

    /// <summary>Concentration of cutmix's shares; 0 for no cutmix.</summary>
    public double CutmixAlpha { get; init; }

    /// <summary>Edges of cutmix's rectangles as parts of the image's, instead of a share; null for none.</summary>
    public Interval? CutmixMinmax { get; init; }

    /// <summary>How often a batch, pair or image is mixed.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>How often by cutmix, where both are on.</summary>
    public double SwitchProbability { get; init; } = 0.5;

    /// <summary>For what images numbers are drawn anew.</summary>
    public MixMode Mode { get; init; }

    /// <summary>Whether a share follows from the rectangle as it was cut off at the image.</summary>
    public bool CorrectsLambda { get; init; } = true;

    /// <summary>The epoch from which on nothing is mixed; 0 for none.</summary>
    public int OffEpoch { get; init; }

    /// <summary>The mode called <paramref name="name"/>.</summary>
    public static MixMode ParseMode(string name) =>
        Enum.GetValues<MixMode>().Cast<MixMode?>().FirstOrDefault(m => Name(m!.Value) == name)
        ?? throw Nearest.Unknown("mixup mode", name, Enum.GetValues<MixMode>().Select(Name));

    double CutAlpha => CutmixMinmax is null ? CutmixAlpha : 1;

    /// <inheritdoc/>
    public int Kept(BatchShape shape)
    {
        if (shape.Patches is not null)
            throw new UserException($"Images of any shape are mixed by {nameof(PatchMixup)}.");
        if (shape.Count % 2 != 0)
            throw new UserException($"Mixing makes pairs: a batch of {shape.Count} images is odd.");
        if (MixupAlpha <= 0 && CutAlpha <= 0)
            throw new UserException("Mixing needs mixup or cutmix: an alpha above 0.");
        if (CutmixMinmax is { } edges && !(IsRange(shape.Height, edges) && IsRange(shape.Width, edges)))
            throw new UserException($"Rectangles of {edges.From} to {edges.To} of an image of "
                + $"{shape.Width}x{shape.Height} have no size.");
        return Mode == MixMode.Half ? shape.Count / 2 : shape.Count;
    }

    /// <inheritdoc/>
    public void Apply(ImageBatch images, int epoch, CounterRandom random, Span<Partner> partners)
    {
        var shape = images.Shape;
        var plans = OffEpoch > 0 && epoch >= OffEpoch ? new Plan[shape.Count] : Plans(shape, random);
        var (one, other) = (new float[shape.ImageLength], new float[shape.ImageLength]);
        for (var (i, j) = (0, shape.Count - 1); i < j; i++, j--)
        {
            var a = images[i];
            var b = images[j];
            a.CopyTo(one);
            b.CopyTo(other);
            partners[i] = new(j, plans[i].Apply(a, other, shape));
            if (Mode != MixMode.Half)
                partners[j] = new(i, plans[j].Apply(b, one, shape));
        }
    }

    /// <summary>What is done to each image; with <see cref="MixMode.Half"/> to those of the first half.</summary>
    Plan[] Plans(BatchShape shape, CounterRandom random)
    {
        var plans = new Plan[shape.Count];
        if (Mode == MixMode.Batch)
        {
            Array.Fill(plans, Whole(shape, random));
            return plans;
        }
        var drawn = plans.AsSpan(0, Mode == MixMode.Elem ? shape.Count : shape.Count / 2);
        Each(drawn, shape, random);
        if (Mode == MixMode.Pair)
            for (var i = 0; i < drawn.Length; i++)
                plans[^(i + 1)] = plans[i];
        return plans;
    }

    /// <summary>One plan for the batch.</summary>
    Plan Whole(BatchShape shape, CounterRandom random)
    {
        if (!random.Chance(Probability))
            return default;
        var cuts = CutAlpha > 0 && (MixupAlpha <= 0 || random.Chance(SwitchProbability));
        return Finish(random.Beta(cuts ? CutAlpha : MixupAlpha), cuts, isSingle: false, shape, random);
    }

    /// <summary>A plan for each; timm draws the same kind of number for all before the next kind.</summary>
    void Each(Span<Plan> plans, BatchShape shape, CounterRandom random)
    {
        var (cuts, lambdas) = (new bool[plans.Length], new double[plans.Length]);
        foreach (ref var cut in cuts.AsSpan())
            cut = CutAlpha > 0 && (MixupAlpha <= 0 || random.Chance(SwitchProbability));
        foreach (var (alpha, cut) in ((double, bool)[])[(CutAlpha, true), (MixupAlpha, false)])
            for (var i = 0; i < plans.Length && alpha > 0; i++)
                if (random.Beta(alpha) is var lambda && cuts[i] == cut)
                    lambdas[i] = lambda;
        foreach (ref var lambda in lambdas.AsSpan())
            lambda = random.Chance(Probability) ? lambda : 1;
        for (var i = 0; i < plans.Length; i++)
            plans[i] = (float)lambdas[i] == 1 ? default : Finish(lambdas[i], cuts[i], isSingle: true, shape, random);
    }

    Plan Finish(double lambda, bool cuts, bool isSingle, BatchShape shape, CounterRandom random)
    {
        if (!cuts)
            return isSingle ? new(lambda, null, (float)lambda, 1 - (float)lambda)
                : new(lambda, null, (float)lambda, (float)(1 - lambda));
        var box = CutmixMinmax is { } edges
            ? MixBox.Draw(shape.Height, shape.Width, edges, random)
            : MixBox.Draw(shape.Height, shape.Width, new MixEdge(lambda, isSingle), random);
        if (CorrectsLambda || CutmixMinmax is not null)
            lambda = box.Rest(shape.Height, shape.Width);
        return new(lambda, box, 1, 0);
    }

    static bool IsRange(int size, Interval edges) => edges is { From: >= 0, To: <= 1 }
        && (int)(size * edges.From) < (int)(size * edges.To);

    static string Name(MixMode mode) => mode.ToString().ToLowerInvariant();

    /// <summary>What is done to an image.</summary>
    /// <param name="Lambda">Its share of the target.</param>
    /// <param name="Box">What its partner takes of it; null for a sum.</param>
    /// <param name="Share">Its share of the sum.</param>
    /// <param name="Rest">The partner's.</param>
    readonly record struct Plan(double Lambda, MixBox? Box, float Share, float Rest)
    {
        /// <summary>Mixes an image with its partner, and says which share it keeps of the target.</summary>
        public float Apply(Span<float> image, ReadOnlySpan<float> partner, BatchShape shape)
        {
            // Nothing was drawn for it.
            if (this == default)
                return 1;
            if (Box is { } box)
                Put(image, partner, box, shape);
            else
                for (var i = 0; i < image.Length; i++)
                    image[i] = image[i] * Share + partner[i] * Rest;
            return (float)Lambda;
        }

        static void Put(Span<float> image, ReadOnlySpan<float> partner, MixBox box, BatchShape shape)
        {
            for (var row = 0; row < shape.Channels * shape.Height; row++)
                if (row % shape.Height >= box.Top && row % shape.Height < box.Bottom)
                    partner[(row * shape.Width + box.Left)..(row * shape.Width + box.Right)]
                        .CopyTo(image[(row * shape.Width + box.Left)..]);
        }
    }
}
