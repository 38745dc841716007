namespace OnnxTimm.Train;

public static partial class Gradients
{
    static Value?[] MaxPool(Node n, Value?[] dy) => [n.Graph.Emit("onnxtimm:MaxPoolGrad", [dy[0]!, n[0], n.Outs[1]], 1, Same(n)).Out];

    static Value?[] AveragePool(Node n, Value dy) => [n.Graph.Emit("onnxtimm:AveragePoolGrad", [dy, n[0]], 1, Same(n)).Out];

    /// <summary>Of a map enlarged by whole factors: each pixel gets the sum over its copies.</summary>
    static Value?[] Resize(Node n, Value dy)
    {
        long[] copies = [n.Out.Height / n[0].Height, n.Out.Width / n[0].Width];
        if (n.Text("nearest_mode") != "floor" || n.Out.Height % n[0].Height + n.Out.Width % n[0].Width > 0)
            throw new InvalidOperationException($"The gradient of this way to resize is not known: {n}.");
        return [dy.AveragePool(copies, copies, [0, 0, 0, 0]) * (copies[0] * copies[1]), null, null];
    }

    /// <summary>The attributes of a node, for an operator that undoes it.</summary>
    static (string, object?)[] Same(Node n) => [.. n.Attributes.Select(a => (a.Key, (object?)a.Value))];
}
