namespace OnnxTimm.Train;

public static partial class Gradients
{
    static Value?[] MaxPoolRule(Node n, Value?[] dy) =>
        [n.Graph.Emit("onnxtimm:MaxPoolGrad", [dy[0]!, n[0], n.Outs[1]], 1, Same(n)).Out];

    static Value?[] AveragePoolRule(Node n, Value dy) =>
        [n.Graph.Emit("onnxtimm:AveragePoolGrad", [dy, n[0]], 1, Same(n)).Out];

    /// <summary>Where each pixel was repeated: the sum over its copies.</summary>
    static Value?[] ResizeRule(Node n, Value dy)
    {
        var scales = n.Has(2) ? n[2].Data?.ToFloats() : null;
        if (n.Text("mode", "nearest") != "nearest" || scales is not [1, 1, var h, var w] || h % 1 != 0 || w % 1 != 0)
            throw new InvalidOperationException($"The gradient of this form of Resize is not known: {n}.");
        long[] window = [(long)h, (long)w];
        return [dy.AveragePool(window, window, [0, 0, 0, 0]) * (h * w), null, null, null];
    }

    /// <summary>The attributes of a node, for an operator that undoes it.</summary>
    static (string, object?)[] Same(Node n) => [.. n.Attributes.Select(a => (a.Key, (object?)a.Value))];
}
