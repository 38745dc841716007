namespace OnnxTimm.Train;

/// <summary>
/// Runs a program over many jobs (one a parameter), in place, on all threads. What it computes does not depend on the
/// number of threads: pieces are cut alike and joined in order.
/// </summary>
/// <param name="program">What to compute.</param>
/// <param name="jobs">The tensors of each job, of one length, in the order of the program's inputs.</param>
/// <param name="threads">Threads; all processors by default.</param>
public sealed class BlockEvaluator(BlockProgram program, Memory<float>[][] jobs, int? threads = null)
{
    /// <summary>Elements of a piece, the unit of work of a thread.</summary>
    const int Piece = 32 * BlockFrame.Block;

    readonly (int Job, int Start, int Count)[] pieces =
        [.. jobs.Index().SelectMany(job => Cut(job.Index, job.Item[0].Length))];

    readonly ParallelOptions options = new() { MaxDegreeOfParallelism = threads ?? Environment.ProcessorCount };

    /// <summary>Evaluates once.</summary>
    /// <param name="scalars">The scalar inputs of each job.</param>
    public void Run(float[][] scalars)
    {
        float[][] values = [.. scalars.Select(row => (float[])[.. row, .. program.Scalars[row.Length..]])];
        foreach (var phase in program.Phases)
        {
            foreach (var (job, row) in values.Index())
                Once(phase.Scalars, jobs[job], row);
            var parts = new double[pieces.Length][];
            Parallel.For(0, pieces.Length, options,
                () => new BlockFrame(program.Scratch, phase.Reductions.Length),
                (i, _, frame) => Over(pieces[i], phase, values[pieces[i].Job], frame, out parts[i]),
                _ => { });
            Join(phase.Reductions, parts, values);
        }
    }

    static IEnumerable<(int, int, int)> Cut(int job, int length)
    {
        for (var start = 0; start < length; start += Piece)
            yield return (job, start, Math.Min(Piece, length - start));
    }

    static void Once(BlockStep[] steps, Memory<float>[] tensors, float[] scalars)
    {
        var frame = new BlockFrame(0, 0);
        frame.Enter(tensors, scalars);
        foreach (var step in steps)
            step(frame);
    }

    BlockFrame Over((int Job, int Start, int Count) piece, BlockPhase phase, float[] scalars, BlockFrame frame,
        out double[] parts)
    {
        frame.Enter(jobs[piece.Job], scalars);
        Array.Clear(frame.Parts);
        for (var done = 0; done < piece.Count; done += BlockFrame.Block)
        {
            frame.Move(piece.Start + done, Math.Min(BlockFrame.Block, piece.Count - done));
            foreach (var step in phase.Blocks)
                step(frame);
        }
        parts = [.. frame.Parts];
        return frame;
    }

    void Join((BlockReduction Rule, int Scalar)[] reductions, double[][] parts, float[][] values)
    {
        foreach (var (index, (rule, scalar)) in reductions.Index())
            foreach (var group in pieces.Index().GroupBy(p => p.Item.Job, p => parts[p.Index][index]))
                values[group.Key][scalar] = (float)rule.Finish(group.Aggregate(rule.Join), jobs[group.Key][0].Length);
    }
}
