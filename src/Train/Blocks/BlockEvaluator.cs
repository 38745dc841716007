namespace OnnxTimm.Train;

/// <summary>
/// Runs a program over many jobs (one a parameter), in place, on all threads. What it computes does not depend on the
/// number of threads.
/// </summary>
public sealed class BlockEvaluator
{
    /// <summary>
    /// Bytes of a job that one thread takes through all phases, since it finds in the cache what the phase before has
    /// read: about what each core has of the last cache.
    /// </summary>
    const int Cached = 4 << 20;

    readonly BlockProgram program;
    readonly BlockJob[] jobs, small, large;
    readonly (BlockJob Job, int Index)[] pieces;
    readonly BlockFrame[] frames;

    /// <param name="program">What to compute.</param>
    /// <param name="jobs">The tensors of each job, of one length, in the order of the program's inputs.</param>
    /// <param name="threads">Threads; all processors by default.</param>
    public BlockEvaluator(BlockProgram program, Memory<float>[][] jobs, int? threads = null)
    {
        this.program = program;
        this.jobs = [.. jobs.Select(tensors => new BlockJob(tensors))];
        small = program.Phases.Length == 1 ? []
            : [.. this.jobs.Where(job => job.Bytes <= Cached).OrderByDescending(job => job.Bytes)];
        large = [.. this.jobs.Except(small)];
        pieces = [.. large.SelectMany(job => Enumerable.Range(0, job.Pieces).Select(i => (job, i)))];
        var reductions = program.Phases.Max(phase => phase.Reductions.Length);
        frames = [.. Enumerable.Range(0, threads ?? Environment.ProcessorCount)
            .Select(_ => new BlockFrame(program.Scratch, reductions))];
    }

    /// <summary>Evaluates once.</summary>
    /// <param name="scalars">The scalar inputs of each job; those that a result overwrites are changed.</param>
    public void Run(float[][] scalars)
    {
        float[][] values = [.. scalars.Select(row => (float[])[.. row, .. program.Scalars[row.Length..]])];
        foreach (var (job, row) in jobs.Zip(values))
            job.Enter(row);
        OnAllThreads(small.Length, (i, frame) => Whole(small[i], frame));
        foreach (var phase in program.Phases)
        {
            foreach (var job in large)
                job.Begin(phase);
            OnAllThreads(pieces.Length, (i, frame) => pieces[i].Job.Run(phase, pieces[i].Index, frame));
            foreach (var job in large)
                job.End(phase);
        }
        foreach (var (row, all) in scalars.Zip(values))
            foreach (var (result, into) in program.Numbers)
                row[into] = all[result];
    }

    void Whole(BlockJob job, BlockFrame frame)
    {
        foreach (var phase in program.Phases)
        {
            job.Begin(phase);
            for (var i = 0; i < job.Pieces; i++)
                job.Run(phase, i, frame);
            job.End(phase);
        }
    }

    /// <summary>Each thread takes the next piece of work as soon as it is done with one.</summary>
    void OnAllThreads(int count, Action<int, BlockFrame> work)
    {
        var taken = -1;
        var options = new ParallelOptions { MaxDegreeOfParallelism = frames.Length };
        Parallel.For(0, Math.Min(count, frames.Length), options, thread =>
        {
            for (int i; (i = Interlocked.Increment(ref taken)) < count;)
                work(i, frames[thread]);
        });
    }
}
