namespace OnnxTimm.Train;

/// <summary>An elementwise optimizer on the host, block by block on all threads.</summary>
public sealed class BlockUpdate : IUpdate
{
    readonly UpdateTargets targets;
    readonly FlatTensors[] state, numbers;
    readonly string[] names;
    readonly BlockEvaluator evaluator;

    /// <param name="optimizer">What to compute.</param>
    /// <param name="targets">On what.</param>
    /// <param name="threads">Threads; all processors by default.</param>
    public BlockUpdate(Optimizer optimizer, UpdateTargets targets, int? threads = null)
    {
        (Optimizer, this.targets, state) = (optimizer, targets, targets.Start(optimizer));
        FlatTensors[] tensors = [.. state.Where((_, i) => !optimizer.State[i].IsNumber)];
        numbers = [.. state.Except(tensors)];
        names = [.. targets.Groups.SelectMany(group => group.Names)];
        var jobs = names.Select(name =>
            (Memory<float>[])[targets.Parameters[name], targets.Gradients[name], .. tensors.Select(s => s[name])]);
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
        float[][] rows = [.. targets.Groups.SelectMany(group => Rows(group, lr, (float)gradScale, endOfEpoch))];
        evaluator.Run(rows);
        foreach (var (name, row) in names.Zip(rows))
            foreach (var (number, value) in numbers.Zip(row[^numbers.Length..]))
                number[name].Span[0] = value;
    }

    /// <summary>The scalars of each parameter of a group; what of its state is a number comes last.</summary>
    IEnumerable<float[]> Rows(ParamGroup group, double lr, float gradScale, bool endOfEpoch)
    {
        float[] scalars = [.. targets.Scalars(Optimizer, group, Step, lr, endOfEpoch), gradScale];
        return group.Names.Select(name => (float[])[.. scalars, .. numbers.Select(number => number[name].Span[0])]);
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }
}
