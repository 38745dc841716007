namespace OnnxTimm.Train;

/// <summary>
/// An optimizer: what it remembers of each parameter, the numbers that the host computes at each step, and the update
/// as a function over values. The same function becomes an ONNX graph or is evaluated in place by
/// <see cref="BlockEvaluator"/>.
/// </summary>
/// <param name="Name">timm's name.</param>
/// <param name="State">Tensors that are carried from step to step.</param>
/// <param name="Scalars">Numbers of a step and a parameter group.</param>
/// <param name="Emit">The update of one parameter.</param>
public sealed record Optimizer(string Name, Slot[] State, Scalar[] Scalars, UpdateRule Emit)
{
    /// <summary>
    /// The gradient of all parameters together is shortened to this norm before the update; null where it is not.
    /// </summary>
    public double? MaxGradNorm { get; init; }

    /// <summary>
    /// Whether the update of an element needs of its tensor no more than sums and norms, so that it is evaluated block
    /// by block; else it runs as a graph.
    /// </summary>
    public bool IsElementwise { get; init; } = true;

    /// <summary>
    /// What is drawn anew for each step and parameter; the rule gets it before the state. Only an optimizer that is not
    /// elementwise may draw.
    /// </summary>
    public RandomSlot[] Draws { get; init; } = [];

    /// <summary>
    /// How the parameters of a group are updated that wants it (<see cref="ParamGroup.UsesFallback"/>), with state and
    /// scalars of the same names; null where all go alike.
    /// </summary>
    public Optimizer? Fallback { get; init; }

    /// <summary>How the parameters of a group are updated.</summary>
    public Optimizer In(ParamGroup group) => group.UsesFallback && Fallback is { } fallback ? fallback : this;

    /// <summary>The options in force, for the log.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>A state tensor under PyTorch's name, and the value that it begins with.</summary>
public sealed record Slot(string Name, float Initial = 0)
{
    /// <summary>
    /// Its shape for a parameter's, or null where the parameter has no such state; by default it is the same. An
    /// elementwise optimizer may have a number beside it, but no other.
    /// </summary>
    public Func<long[], long[]?>? Shape { get; init; }

    /// <summary>Begins as a copy of the parameter.</summary>
    public bool FromParameter { get; init; }

    /// <summary>What it begins with, by the parameter's shape; null for <see cref="Initial"/> throughout.</summary>
    public Func<long[], float[]>? Start { get; init; }

    /// <summary>What it begins with.</summary>
    internal float[] StartOf(long[] shape, ReadOnlySpan<float> parameter)
    {
        if (FromParameter)
            return parameter.ToArray();
        if (Start is not null)
            return Start(shape);
        var values = new float[TensorMemory.Count(Name, ShapeOf(shape)!)];
        Array.Fill(values, Initial);
        return values;
    }

    /// <summary>Whether it is a number, whatever the parameter's shape.</summary>
    internal bool IsNumber => ShapeOf([1]) is [];

    internal long[]? ShapeOf(long[] parameter) => Shape is null ? parameter : Shape(parameter);
}

/// <summary>Numbers that are drawn anew for each step and parameter: even from 0 to below 1, or normal.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shape">Their shape for a parameter's.</param>
public sealed record RandomSlot(string Name, Func<long[], long[]> Shape)
{
    /// <summary>Whether they are of the standard normal distribution.</summary>
    public bool IsNormal { get; init; }
}

/// <summary>Fills what is drawn for a parameter at a step.</summary>
public delegate void Drawing(RandomSlot draw, string parameter, long step, Span<float> to);

/// <summary>A number that is computed on the host, in double precision, once a step and parameter group.</summary>
public sealed record Scalar(string Name, Func<StepInfo, double> Of)
{
    /// <summary>The learning rate of the group at this step.</summary>
    public static readonly Scalar Lr = new("lr", step => step.Lr);
}

/// <summary>The new parameter, then the new state in the order of <see cref="Optimizer.State"/>.</summary>
/// <param name="p">The parameter.</param>
/// <param name="g">Its gradient.</param>
/// <param name="s">What is drawn, then its state, without those slots that it has none of.</param>
/// <param name="k">The step's scalars, without dimensions.</param>
public delegate Value[] UpdateRule(Value p, Value g, Value[] s, Value[] k);

/// <summary>What a scalar may depend on.</summary>
/// <param name="Step">Number of this update, from 1.</param>
/// <param name="Lr">Learning rate of the group, after schedule and layer decay.</param>
/// <param name="WeightDecay">Weight decay of the group.</param>
/// <param name="BaseLr">The learning rate that the schedule starts from.</param>
/// <param name="EndOfEpoch">Whether an epoch ends with this update.</param>
public readonly record struct StepInfo(long Step, double Lr, double WeightDecay, double BaseLr,
    bool EndOfEpoch = false);
