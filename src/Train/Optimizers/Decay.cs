namespace OnnxTimm.Train;

/// <summary>How weight decay enters an update: its number, and what it does to a parameter and its step.</summary>
/// <param name="Scalar">The number, by the step.</param>
/// <param name="Apply">Parameter, gradient (or step) and the number, to parameter and gradient.</param>
sealed record Decay(Scalar Scalar, Func<Value, Value, Value, (Value P, Value G)> Apply)
{
    /// <summary>L2 regularization: the parameter's share is added to the gradient.</summary>
    public static readonly Decay Coupled =
        new(new("weight_decay", step => step.WeightDecay), (p, g, decay) => (p, g + p * decay));

    /// <summary>Shrinks the parameter by itself (arXiv:1711.05101).</summary>
    public static readonly Decay Decoupled =
        new(new("keep", step => 1 - step.Lr * step.WeightDecay), (p, g, keep) => (p * keep, g));

    /// <summary>Decoupled, and proportional to the squared learning rate (arXiv:2506.02285).</summary>
    public static readonly Decay Corrected = Decoupled with
    {
        Scalar = new("keep", step => 1 - step.Lr * step.Lr / step.BaseLr * step.WeightDecay),
    };

    /// <summary>Decoupled decay as the settings want it.</summary>
    public static Decay Apart(OptimizerSettings s) => s.Flag("corrected_weight_decay") ? Corrected : Decoupled;
}

/// <summary>Weighs a step by the gradient.</summary>
delegate Value Gate(Value step, Value gradient);

/// <summary>Which parts of a step are taken.</summary>
static class Gates
{
    public static Gate Of(OptimizerSettings s) => s.Flag("caution") ? Cautious : Open;

    public static Value Open(Value step, Value gradient) => step;

    /// <summary>
    /// Only where step and gradient agree in sign, scaled so that the mean step is kept (arXiv:2411.16085).
    /// </summary>
    public static Value Cautious(Value step, Value gradient)
    {
        var agree = (step * gradient).Greater(0).Cast(DType.Float32);
        return step * agree / agree.ReduceMean(keepDims: false).Max(1e-3);
    }
}
