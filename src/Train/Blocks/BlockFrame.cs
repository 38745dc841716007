namespace OnnxTimm.Train;

/// <summary>Where an operand lies; a part is the sum of a reduction so far.</summary>
enum Place
{
    None,
    Tensor,
    Scratch,
    Scalar,
    Part,
}

readonly record struct Operand(Place Place, int Index);

/// <summary>
/// One block while it is evaluated: its part of the tensors, scratch space, and the scalars of its job.
/// </summary>
sealed class BlockFrame(int scratch, int reductions)
{
    /// <summary>Elements of a block: all operands of a step together stay in the cache.</summary>
    public const int Block = 2048;

    readonly float[] scratch = new float[scratch * Block];
    Memory<float>[] tensors = [];
    int start, skipped;

    /// <summary>Elements of the block.</summary>
    public int Count { get; private set; }

    /// <summary>The scalars of the job.</summary>
    public float[] Scalars { get; private set; } = [];

    /// <summary>Reductions over the blocks so far.</summary>
    public double[] Parts { get; } = new double[reductions];

    public void Enter(Memory<float>[] job, float[] values)
    {
        (tensors, Scalars) = (job, values);
        Array.Clear(Parts);
    }

    public void Move(int first, int length) => (start, skipped, Count) = (first, 0, length);

    /// <summary>Leaves elements at the beginning of the block out, or takes them in again.</summary>
    public void Skip(int elements) => (skipped, Count) = (skipped + elements, Count - elements);

    public Span<float> this[Operand x] => x.Place switch
    {
        Place.Tensor => tensors[x.Index].Span.Slice(start + skipped, Count),
        Place.Scratch => scratch.AsSpan(x.Index * Block + skipped, Count),
        Place.Scalar => Scalars.AsSpan(x.Index, 1),
        _ => default,
    };
}
