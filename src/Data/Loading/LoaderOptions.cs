namespace OnnxTimm.Data;

/// <summary>How a <see cref="Loader"/> makes batches.</summary>
public sealed record LoaderOptions
{
    /// <summary>Images of a batch.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// Training: shuffled, only full batches, an unreadable image is replaced by the next one.
    /// Otherwise: in order, all images, an unreadable image is left out.
    /// </summary>
    public bool IsTraining { get; init; }

    /// <summary>Whether batches have a value for each class (<see cref="Batch.Targets"/>) beside the labels.</summary>
    public bool IsMultiLabel { get; init; }

    /// <summary>Makes the batches; null for those of <see cref="IsTraining"/>.</summary>
    public ISampler? Sampler { get; init; }

    /// <summary>Seed of the order and of everything random in the transform.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Threads that decode and transform; 0 for one a core. Batches do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Batches that are made ahead.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Float32 (normalised) or UInt8.</summary>
    public DType Type { get; init; } = DType.Float32;

    internal LoaderOptions Check() => this switch
    {
        { BatchSize: <= 0 } => throw new UserException($"A batch has at least one image, not {BatchSize}."),
        { Threads: < 0 } => throw new UserException($"{Threads} loader threads cannot be."),
        { Prefetch: < 1 } => throw new UserException($"At least one batch is made ahead, not {Prefetch}."),
        { Type: not (DType.Float32 or DType.UInt8) } => throw new UserException(
            $"Batches are Float32 or UInt8, not {Type}."),
        _ => this,
    };
}
