namespace OnnxTimm.Train;

/// <summary>
/// What a program is evaluated over: a tensor of each input, all of one length. Its pieces are cut alike and joined in
/// order, whoever works on them.
/// </summary>
sealed class BlockJob(Memory<float>[] tensors)
{
    /// <summary>Elements of a piece, the unit of work of a thread.</summary>
    const int Piece = 32 * BlockFrame.Block;

    readonly double[][] parts = new double[(tensors[0].Length + Piece - 1) / Piece][];
    float[] scalars = [];

    /// <summary>How many pieces it has.</summary>
    public int Pieces => parts.Length;

    /// <summary>Of all tensors together.</summary>
    public long Bytes => (long)sizeof(float) * tensors.Length * tensors[0].Length;

    /// <summary>Takes the scalars of an evaluation.</summary>
    public void Enter(float[] values) => scalars = values;

    /// <summary>What comes before the pieces of a phase.</summary>
    public void Begin(BlockPhase phase)
    {
        var frame = new BlockFrame(0, 0);
        frame.Enter(tensors, scalars);
        foreach (var step in phase.Scalars)
            step(frame);
    }

    /// <summary>A phase over one piece; pieces may go on different threads.</summary>
    public void Run(BlockPhase phase, int piece, BlockFrame frame)
    {
        frame.Enter(tensors, scalars);
        var end = Math.Min((piece + 1) * Piece, tensors[0].Length);
        for (var start = piece * Piece; start < end; start += BlockFrame.Block)
        {
            frame.Move(start, Math.Min(BlockFrame.Block, end - start));
            foreach (var step in phase.Blocks)
                step(frame);
        }
        parts[piece] = [.. frame.Parts];
    }

    /// <summary>What comes after the last piece of a phase.</summary>
    public void End(BlockPhase phase)
    {
        foreach (var (index, (rule, scalar)) in phase.Reductions.Index())
            scalars[scalar] = (float)rule.Finish(parts.Sum(part => part[index]), tensors[0].Length);
    }
}
