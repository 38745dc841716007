namespace OnnxTimm.Train;

/// <summary>A step of a program over one block.</summary>
delegate void BlockStep(BlockFrame frame);

/// <summary>Between two phases lies a barrier: a whole tensor was reduced, or overwritten.</summary>
/// <param name="Scalars">Run once a job, first.</param>
/// <param name="Blocks">Run over each block.</param>
/// <param name="Reductions">What the blocks' parts become, and the scalar that holds it.</param>
sealed record BlockPhase(BlockStep[] Scalars, BlockStep[] Blocks, (BlockReduction Rule, int Scalar)[] Reductions)
{
    /// <summary>The tensors of a job of which every element is read.</summary>
    public required int[] Reads { get; init; }

    /// <summary>The tensors of a job of which every element is written.</summary>
    public required int[] Writes { get; init; }
}

/// <summary>
/// An elementwise graph, compiled to be evaluated in place, block by block. What has no dimensions is a scalar;
/// everything else has one common shape.
/// </summary>
public sealed class BlockProgram
{
    internal BlockProgram(BlockPhase[] phases, float[] scalars, int scratch) =>
        (Phases, Scalars, Scratch) = (phases, scalars, scratch);

    internal BlockPhase[] Phases { get; }

    /// <summary>Initial content of a job's scalars: its inputs come first, then constants.</summary>
    internal float[] Scalars { get; }

    /// <summary>Blocks of scratch space.</summary>
    internal int Scratch { get; }

    /// <summary>The scalars that are results, and the scalar inputs that they overwrite at the end.</summary>
    internal (int Result, int Into)[] Numbers { get; init; } = [];

    /// <summary>Compiles results that overwrite inputs.</summary>
    /// <param name="tensors">Inputs with dimensions, in the order in which a job lists them.</param>
    /// <param name="scalars">Inputs without dimensions, in the order in which a job lists them.</param>
    /// <param name="results">What is computed, and the input that it overwrites.</param>
    public static BlockProgram Compile(
        IReadOnlyList<Value> tensors, IReadOnlyList<Value> scalars, params (Value Result, Value Into)[] results) =>
        new BlockCompiler(tensors, scalars, BlockSchedule.Of(results)).Compile(results);

    /// <summary>
    /// An optimizer's update: its tensors are parameter, gradient and state, its scalars those of the optimizer, the
    /// gradient's scale and what of the state is a number; see <see cref="BlockEvaluator"/>.
    /// </summary>
    public static BlockProgram Compile(Optimizer optimizer)
    {
        var graph = new Graph(optimizer.Name);
        var shape = new Shape(new Dim(1, "L"));
        var (p, g) = (graph.Input("p", DType.Float32, shape), graph.Input("g", DType.Float32, shape));
        Value[] state = [.. optimizer.State.Select(s =>
            graph.Input(s.Name, DType.Float32, s.IsNumber ? Shape.Scalar : shape))];
        Value[] scalars = [.. optimizer.Scalars.Select(s => graph.Input(s.Name, DType.Float32, Shape.Scalar))];
        var scale = graph.Input("grad_scale", DType.Float32, Shape.Scalar);
        var results = optimizer.Emit(p, g * scale, state, scalars);
        return Compile([p, g, .. state.Where(s => !BlockSchedule.IsScalar(s))],
            [.. scalars, scale, .. state.Where(BlockSchedule.IsScalar)], [.. results.Zip((Value[])[p, .. state])]);
    }
}
