using System.Runtime.InteropServices;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>The mixing of a training's batches; it follows from seed, epoch and number of the batch.</summary>
/// <param name="parts">The training.</param>
public sealed class BatchMixing(TrainParts parts)
{
    readonly CounterRandom random = new((ulong)parts.Policy.Seed);
    readonly Partner[] partners = new Partner[Kept(parts)];

    /// <summary>Images of a batch after mixing.</summary>
    /// <exception cref="UserException">Such batches cannot be mixed.</exception>
    public static int Kept(TrainParts parts) => parts.Mix?.Kept(parts.Batches.Shape) ?? parts.Batches.Options.BatchSize;

    /// <summary>Mixes the images of a full batch in place.</summary>
    /// <returns>With what each that is left is mixed; nothing where nothing is mixed.</returns>
    public ReadOnlySpan<Partner> Apply(Batch batch, int epoch)
    {
        if (parts.Mix is not { } mix)
            return [];
        mix.Apply(MemoryMarshal.Cast<byte, float>(batch.Memory.Span), parts.Batches.Shape with { Count = batch.Count },
            epoch, random.At(epoch, batch.Index, Purpose.Mix), partners);
        return partners;
    }
}
