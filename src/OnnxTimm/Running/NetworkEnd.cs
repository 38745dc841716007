using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>What the end of a network tells: what its scores are, and what its classifier reads.</summary>
static class NetworkEnd
{
    /// <summary>What a file gives, by the operator that it ends in.</summary>
    public static ScoreKind Kind(Graph graph) =>
        (graph.Outputs is [var first, ..] ? Behind(first, IsPlain).Producer : null) switch
        {
            { Op: "Softmax" } => ScoreKind.Softmax,
            { Op: "Sigmoid" or "HardSigmoid" } => ScoreKind.Sigmoid,
            _ => ScoreKind.Logits,
        };

    /// <summary>
    /// The value that enters the last linear layer before the first output: the features of an image. Null where the
    /// network does not end in one.
    /// </summary>
    public static Value? Features(Graph graph)
    {
        if (graph.Outputs is not [var first, ..])
            return null;
        var end = Behind(first, n => IsPlain(n) || n.Op is "Softmax" or "LogSoftmax" or "Sigmoid" or "HardSigmoid");
        if (end.Producer is { Op: "Add" } sum)
            end = sum.In.FirstOrDefault(v => v is not null && !IsStored(v) && Other(sum, v) is { } bias
                && IsStored(bias)) ?? end;
        return Behind(end, IsPlain).Producer is { } last && IsLinear(last)
            && Behind(last[0], n => n.Op is "Identity" or "Dropout") is { Role: Role.Node } features ? features : null;
    }

    static Value? Other(Node sum, Value value) => sum.In.FirstOrDefault(v => v != value);

    /// <summary>A layer that weighs all of its input for each output, with weights of its own.</summary>
    static bool IsLinear(Node n) => n.Op switch
    {
        "Gemm" or "MatMul" => n.Has(1) && IsStored(n[1]),
        "Conv" => n.Has(1) && IsStored(n[1]) && n.Int("group", 1) == 1
            && n[0].Shape is { IsKnown: true, Rank: 4 } map && map[2] == 1 && map[3] == 1,
        _ => false,
    };

    /// <summary>A weight, or what a file makes of one: scaled from integers, turned, of another type.</summary>
    static bool IsStored(Value value) => value.Role != Role.Node
        ? value.Role != Role.Input
        : value.Producer is { Op: "DequantizeLinear" or "Cast" or "Transpose" or "Identity" or "Reshape" } n
            && n.Has(0) && IsStored(n[0]);

    /// <summary>Operators that leave numbers as they are.</summary>
    static bool IsPlain(Node n) => n.Op is "Cast" or "Dropout" or "Flatten" or "Identity" or "Reshape" or "Squeeze";

    /// <summary>The value before operators that do not count.</summary>
    static Value Behind(Value value, Func<Node, bool> passes)
    {
        while (value.Producer is { } n && passes(n) && n.Has(0))
            value = n[0];
        return value;
    }
}
