namespace OnnxTimm.Data;

/// <summary>Batches of images that become as many patches, about as many patches in all.</summary>
/// <param name="SeqLen">The most patches of an image.</param>
/// <param name="Side">Pixels of a patch's side.</param>
/// <param name="Count">Images.</param>
public readonly record struct SequenceBatch(int SeqLen, int Side, int Count);

/// <summary>
/// Which numbers of patches batches of images of any shape have: timm's NaFlexMapDatasetWrapper, with chance of our
/// own.
/// </summary>
public sealed record SequenceSchedule
{
    /// <summary>timm's divisor of the images of a batch.</summary>
    public const int UsualDivisor = 8;

    /// <param name="seqLens">Numbers of patches that images are cut into by turns; each counts once.</param>
    /// <param name="maxTokens">Patches of a batch.</param>
    public SequenceSchedule(IEnumerable<int> seqLens, long maxTokens) =>
        (SeqLens, MaxTokens) = ([.. seqLens.Distinct().Order()], maxTokens);

    /// <summary>Numbers of patches, rising.</summary>
    public IReadOnlyList<int> SeqLens { get; }

    /// <summary>Patches of a batch.</summary>
    public long MaxTokens { get; }

    /// <summary>Batches have a multiple of so many images, where so many fit.</summary>
    public int Divisor { get; init; } = UsualDivisor;

    /// <summary>Sides of patches, of which each batch draws one.</summary>
    public IReadOnlyList<int> PatchSizes { get; init; } = [16];

    /// <summary>How often each is drawn, relative to the others; equally where it is empty.</summary>
    public IReadOnlyList<double> Probabilities { get; init; } = [];

    /// <summary>Images of a full batch, one at least.</summary>
    /// <param name="seqLen">Patches of an image.</param>
    public int BatchSize(int seqLen) => (int)Math.Max(1, MaxTokens / seqLen / Divisor * Divisor);

    /// <summary>Draws how many images become how many patches, until all are in a batch.</summary>
    /// <param name="images">Images of an epoch.</param>
    /// <param name="random">Chance of all epochs.</param>
    internal List<(int SeqLen, int Count)> Draw(int images, CounterRandom random)
    {
        var batches = new List<(int SeqLen, int Count)>();
        for (var left = images; left > 0; left -= batches[^1].Count)
        {
            var seqLen = SeqLens[random.Integer(0, SeqLens.Count - 1)];
            batches.Add((seqLen, Math.Min(left, BatchSize(seqLen))));
        }
        return batches;
    }

    /// <summary>Which of the sides of patches a batch has.</summary>
    internal int DrawSide(CounterRandom random)
    {
        if (PatchSizes.Count == 1)
            return 0;
        double[] weights = [.. PatchSizes.Select((_, i) => Probabilities.Count == 0 ? 1 : Probabilities[i])];
        var rest = random.NextDouble() * weights.Sum();
        return Enumerable.Range(0, weights.Length).FirstOrDefault(i => (rest -= weights[i]) < 0,
            Array.FindLastIndex(weights, w => w > 0));
    }

    /// <exception cref="UserException">Something of it cannot be.</exception>
    public SequenceSchedule Check() => this switch
    {
        { SeqLens.Count: 0 } or { PatchSizes.Count: 0 } => throw new UserException(
            "A schedule of patches has at least one number and one size of them."),
        _ when SeqLens.Concat(PatchSizes).Append(Divisor).FirstOrDefault(n => n < 1, 1) is not 1 and var none =>
            throw new UserException($"Images are cut into at least one patch of one pixel, not {none}."),
        _ when Probabilities.Count > 0 && Probabilities.Count != PatchSizes.Count => throw new UserException(
            $"There are {PatchSizes.Count} sizes of patches and {Probabilities.Count} probabilities."),
        _ when Probabilities.Any(p => !(p >= 0 && double.IsFinite(p))) || Probabilities.Sum() is 0
            && Probabilities.Count > 0 => throw new UserException(
            "Probabilities of sizes of patches are numbers from 0, one of them above."),
        _ => this,
    };
}
