namespace OnnxTimm.Train;

/// <summary>An elementwise optimizer on the host, block by block on all threads.</summary>
public sealed class BlockUpdate : IUpdate
{
    readonly UpdateTargets targets;
    readonly FlatTensors[] state;
    readonly BlockEvaluator evaluator;

    /// <param name="optimizer">What to compute.</param>
    /// <param name="targets">On what.</param>
    /// <param name="threads">Threads; all processors by default.</param>
    public BlockUpdate(Optimizer optimizer, UpdateTargets targets, int? threads = null)
    {
        (Optimizer, this.targets, state) = (optimizer, targets, targets.Start(optimizer));
        var jobs = targets.Groups.SelectMany(group => group.Names).Select(name =>
            (Memory<float>[])[targets.Parameters[name], targets.Gradients[name], .. state.Select(s => s[name])]);
        evaluator = new(BlockProgram.Compile(optimizer), [.. jobs], threads);
    }

    /// <inheritdoc cref="UpdateTargets"/>
    public BlockUpdate(Optimizer optimizer, FlatTensors parameters, FlatTensors gradients,
        IReadOnlyList<ParamGroup> groups, double baseLr, int? threads = null)
        : this(optimizer, new(parameters, gradients, groups, baseLr), threads)
    {
    }

    /// <inheritdoc/>
    public Optimizer Optimizer { get; }

    /// <inheritdoc/>
    public IReadOnlyList<FlatTensors> State => state;

    /// <inheritdoc/>
    public long Step { get; set; }

    /// <inheritdoc/>
    public void Apply(double lr, double gradScale = 1, bool endOfEpoch = false)
    {
        Step++;
        if (Optimizer.MaxGradNorm is { } limit)
            gradScale /= Math.Max(1, GradientClip.Norm(targets.Gradients) * gradScale / limit);
        evaluator.Run([.. targets.Groups.SelectMany(group => Enumerable.Repeat(
            (float[])[.. targets.Scalars(Optimizer, group, Step, lr, endOfEpoch), (float)gradScale],
            group.Names.Length))]);
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }
}
