namespace OnnxTimm.Train;

public static partial class Gradients
{
    static Value?[] MaxPool(Node n, Value?[] dy) =>
        [n.Graph.Emit("onnxtimm:MaxPoolGrad", [dy[0]!, n[0], n.Outs[1]], 1, Same(n)).Out];

    static Value?[] AveragePool(Node n, Value dy) =>
        [n.Graph.Emit("onnxtimm:AveragePoolGrad", [dy, n[0]], 1, Same(n)).Out];

    /// <summary>The attributes of a node, for an operator that undoes it.</summary>
    static (string, object?)[] Same(Node n) => [.. n.Attributes.Select(a => (a.Key, (object?)a.Value))];
}
