namespace OnnxTimm.Train;

/// <summary>
/// An optimizer at work on the host: its state, its step counter, and the update of all parameters in place.
/// </summary>
public sealed class ParameterUpdate
{
    readonly IReadOnlyList<ParamGroup> groups;
    readonly FlatTensors gradients;
    readonly double baseLr;
    readonly BlockEvaluator evaluator;

    /// <param name="optimizer">What to compute.</param>
    /// <param name="parameters">Changed by each step.</param>
    /// <param name="gradients">Of the same layout.</param>
    /// <param name="groups">Which parameters are trained, and how; others are left alone.</param>
    /// <param name="baseLr">The learning rate that the schedule starts from.</param>
    /// <param name="threads">Threads; all processors by default.</param>
    public ParameterUpdate(Optimizer optimizer, FlatTensors parameters, FlatTensors gradients,
        IReadOnlyList<ParamGroup> groups, double baseLr, int? threads = null)
    {
        (Optimizer, this.gradients, this.groups, this.baseLr) = (optimizer, gradients, groups, baseLr);
        State = [.. optimizer.State.Select(slot => new FlatTensors(parameters.Layout, slot.Initial))];
        var jobs = groups.SelectMany(group => group.Names)
            .Select(name => (Memory<float>[])[parameters[name], gradients[name], .. State.Select(s => s[name])]);
        evaluator = new(BlockProgram.Compile(optimizer), [.. jobs], threads);
    }

    public Optimizer Optimizer { get; }

    /// <summary>State tensors in the order of <see cref="Optimizer.State"/>.</summary>
    public FlatTensors[] State { get; }

    /// <summary>Updates so far.</summary>
    public long Step { get; set; }

    /// <summary>Updates all parameters once.</summary>
    /// <param name="lr">The scheduled learning rate.</param>
    /// <param name="gradScale">Factor on all gradients, from accumulation and clipping.</param>
    /// <param name="endOfEpoch">Whether an epoch ends with this update.</param>
    public void Apply(double lr, double gradScale = 1, bool endOfEpoch = false)
    {
        Step++;
        if (Optimizer.MaxGradNorm is { } limit)
            gradScale /= Math.Max(1, GradientClip.Norm(gradients) * gradScale / limit);
        evaluator.Run([.. groups.SelectMany(group => Enumerable.Repeat(
            Row(new(Step, lr * group.LrScale, group.WeightDecay, baseLr * group.LrScale, endOfEpoch), gradScale),
            group.Names.Length))]);
    }

    float[] Row(StepInfo step, double gradScale) =>
        [.. Optimizer.Scalars.Select(scalar => (float)scalar.Of(step)), (float)gradScale];
}
