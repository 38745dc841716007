namespace OnnxTimm.Tests.Deploy;

/// <summary>Graphs of a few nodes, each of which some target does not take as it is.</summary>
static class TinyGraphs
{
    public static readonly long[] Shape = [1, 4, 6, 5];

    /// <summary>What a node or two make of a map of numbers from 0 on, [1, 4, 6, 5].</summary>
    public static readonly Dictionary<string, Func<Value, Value>> Forms = new()
    {
        ["LayerNormalization"] = x => x.LayerNormalization(Numbers(x, 5), Numbers(x, 5), 1e-5),
        ["LayerNormalization of one row"] = x =>
            x.Flatten().LayerNormalization(Numbers(x, 120), Numbers(x, 120), 1e-5),
        ["Squeeze"] = x => x.Squeeze(0),
        ["Unsqueeze"] = x => x.Unsqueeze(0, 2),
        ["Flatten"] = x => x.Flatten(),
        ["Tile"] = x => x.Tile(1, 2, 1, 3),
        ["Gather"] = x => x.Gather([3, 0, 1, -1], 1),
        ["Expand"] = x => x.Expand(x.Graph.Const(Tensor.Ints(Shape))),
        ["Max"] = x => x.Max(0.5),
        ["Min"] = x => x.Min(0.5),
        ["AveragePool"] = x => x.AveragePool([3, 3], [2, 2], [1, 1, 1, 1], countPads: true),
        ["AveragePool with ceil_mode"] = x => x.AveragePool([3, 3], [2, 2], [0, 0, 0, 0], ceil: true),
        ["MaxPool with ceil_mode"] = x => x.MaxPool([3, 3], [2, 2], [1, 1, 1, 1], ceil: true),
        ["Gemm"] = x => x.Flatten().Gemm(Numbers(x, 7, 120), transB: true),
        ["Gemm as it stands"] = x => x.Flatten().Gemm(Numbers(x, 120, 7), Numbers(x, 7)),
        ["MatMul from the left"] = x => Numbers(x, 3, 6).MatMul(x),
        ["MatMul of a matrix among others"] = x => x.MatMul(Numbers(x, 1, 1, 5, 3)),
        ["Add to a row"] = x => x + Numbers(x, 5),
        ["Add to all"] = x => x + Numbers(x, 1, 4, 6, 5),
        ["Mul of columns"] = x => x * Numbers(x, 6, 1),
        ["Mul of a row"] = x => x * Numbers(x, 5),
        ["Mul of axes that are no neighbours"] = x => x * Numbers(x, 4, 1, 5),
        ["Div of a constant"] = x => Numbers(x, 5) / (x + 1),
        ["Div by what is computed"] = x => x / (x.ReduceMean([3]) + 1),
        ["Div by one number that is computed"] = x => x / (x.ReduceMean() + 1),
        ["Div of what is smaller"] = x => (x.ReduceMean([1]) + 1) / (x + 1),
        ["Sub from what is smaller"] = x => x.ReduceMean([2, 3]) - x,
        ["Sub of channels"] = x => x - x.GlobalAveragePool(),
        ["Mul of channels"] = x => x * x.GlobalAveragePool().Sigmoid(),
        ["Clip"] = x => x.Clip(0.25, 1),
        ["Resize"] = x => x.ResizeNearest(2, 3),
        ["HardSigmoid"] = x => Ops.HardSigmoid(x - 1),
        ["Reciprocal"] = x => (x + 1).Reciprocal(),
        ["ReduceL2"] = x => x.ReduceL2([1]),
        ["Softmax of channels"] = x => x.Softmax(1),
        ["Pad"] = x => x.Pad([0, 0, 1, 2, 0, 0, 0, 1]),
        ["Slice"] = x => x.Slice(3, 1, 5, 2),
        ["Erf"] = x => x.Erf(),
    };

    /// <summary>What no lowering helps.</summary>
    static readonly Dictionary<string, Func<Value, Value>> Others = new()
    {
        ["BitwiseNot"] = x => x.Graph.Emit("BitwiseNot", [x]).Out,
        ["Bernoulli"] = x => x.Graph.Emit("Bernoulli", [x]).Out,
        ["Sign"] = x => x.Sign(),
        ["Trilu"] = x => x.Graph.Emit("Trilu", [x]).Out,
        ["a domain of its own"] = x => x.Graph.Emit("com.example:Relu", [x]).Out,
        ["Gather of rows that a network computes"] = x => Numbers(x, 9, 2).Gather(x.Cast(DType.Int64)),
        ["Gather from the end"] = x => x.Gather([-1], 1),
        ["Gemm of what is computed"] = x => x.Flatten().Gemm(x.Flatten(), transB: true),
        ["MatMul of unequal batches"] = x => x.MatMul(x.Slice(1, 0, 1).Transpose(0, 1, 3, 2)),
        ["Conv of what is computed"] = x => x.Conv(x.Transpose(1, 0, 2, 3).Slice(0, 0, 4).Reshape(1, 4, 6, 5), null,
            new([1, 1], [0, 0, 0, 0], [1, 1])),
        ["a pool of one axis"] = x => x.Reshape(1, 4, 30).MaxPool([3], [1], [0, 0]),
        ["Resize by cubes"] = x => x.Graph.Emit("Resize", [x, null, Numbers(x, 4)], 1, ("mode", "cubic")).Out,
        ["ScatterND that adds"] = x => x.ScatterND(x.Graph.Const(Tensor.Of(new long[1], 1, 1)), x, "add"),
        ["LayerNormalization with a mean"] = x => x.Graph.Emit("LayerNormalization", [x, Numbers(x, 5)], 2).Out,
        ["Min of two"] = x => x.Min(x + 1),
    };

    /// <summary>A graph of one form, in an opset.</summary>
    public static Graph Of(Func<Value, Value> form, int opset, Dim? batch = null)
    {
        var graph = new Graph("tiny", opset);
        var shape = new Shape([batch ?? 1, .. Shape.Skip(1).Select(d => (Dim)d)]);
        graph.Output("y", form(graph.Input("input", DType.Float32, shape).Relu()));
        return graph;
    }

    /// <summary>Everything that some target refuses.</summary>
    public static IEnumerable<Graph> Bad(int opset) =>
    [
        .. Forms.Values.Concat(Others.Values).Select(form => Of(form, opset)),
        Of(x => x, opset, Dim.Batch), Of(x => x, 6), Of(x => x, 27),
        With(opset, new(DType.UInt2, [4], () => new byte[1])),
        With(opset, new(DType.Float16, [4], () => new byte[8])),
        With(opset, new(DType.Float32, [400_000_000], () => throw new InvalidOperationException("Nobody reads it."))),
    ];

    static Graph With(int opset, Tensor stored)
    {
        var graph = Of(x => x, opset);
        graph.Store("stored", Role.Constant, stored);
        return graph;
    }

    static Value Numbers(Value x, params long[] shape) => x.Graph.Const(Tensor.Of(Fill.Input(shape), shape));
}
