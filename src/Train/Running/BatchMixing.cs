using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>The mixing of a training's batches; it follows from seed, epoch and number of the batch.</summary>
/// <param name="parts">The training.</param>
public sealed class BatchMixing(TrainParts parts)
{
    readonly CounterRandom random = new((ulong)parts.Policy.Seed);
    readonly Partner[] partners =
        new Partner[Enumerable.Range(0, parts.Batches.Sizes.Count).Max(size => Kept(parts, size))];

    /// <summary>Images of a batch after mixing.</summary>
    /// <param name="parts">The training.</param>
    /// <param name="size">Which of the sizes of its batches.</param>
    /// <exception cref="UserException">Such batches cannot be mixed.</exception>
    public static int Kept(TrainParts parts, int size = 0)
    {
        var shape = parts.Batches.Sizes[size].Shape;
        return parts.Mix?.Kept(shape) ?? shape.Count;
    }

    /// <summary>Mixes the images of a full batch in place.</summary>
    /// <returns>With what each that is left is mixed; nothing where nothing is mixed.</returns>
    public ReadOnlySpan<Partner> Apply(Batch batch, int epoch)
    {
        if (parts.Mix is not { } mix)
            return [];
        mix.Apply(batch.Normalised, epoch, random.At(epoch, batch.Index, Purpose.Mix), partners);
        return partners.AsSpan(0, Kept(parts, batch.Size));
    }
}
