namespace OnnxTimm.Data;

/// <summary>What an image of a batch was mixed with.</summary>
/// <param name="Index">Place of the other image in the batch.</param>
/// <param name="Share">The share of the image itself; the other has the rest.</param>
public readonly record struct Partner(int Index, float Share);

/// <summary>Mixes the images of a batch with each other, as mixup and cutmix do; their targets follow.</summary>
public interface IBatchMix
{
    /// <summary>How many images are left of a batch: by default all, the first where it is fewer.</summary>
    /// <exception cref="UserException">Such a batch cannot be mixed.</exception>
    int Kept(BatchShape shape) => shape.Count;

    /// <summary>Changes images in place.</summary>
    /// <param name="images">The images.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="random">Chance of this batch.</param>
    /// <param name="partners">To be filled for those that are left: with what each is mixed now.</param>
    void Apply(ImageBatch images, int epoch, CounterRandom random, Span<Partner> partners);
}
