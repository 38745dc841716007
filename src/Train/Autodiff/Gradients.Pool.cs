namespace OnnxTimm.Train;

public static partial class Gradients
{
    static Value?[] MaxPoolRule(Node n, Value?[] dy) =>
        [n.Graph.Emit("onnxtimm:MaxPoolGrad", [dy[0]!, n[0], n.Outs[1]], 1, n.AttributeList).Out];

    static Value?[] AveragePoolRule(Node n, Value dy) =>
        [n.Graph.Emit("onnxtimm:AveragePoolGrad", [dy, n[0]], 1, n.AttributeList).Out];

    /// <summary>Where each pixel was repeated: the sum over its copies.</summary>
    static Value?[] ResizeRule(Node n, Value dy)
    {
        var scales = n.Has(2) ? n[2].Data?.ToFloats() : null;
        if (n.Text("mode", "nearest") != "nearest" || !IsRepetition(n) || scales is not [1, 1, var h, var w]
            || h % 1 != 0 || w % 1 != 0)
            throw NotKnown(n, "pixels are not repeated a whole number of times along the last two axes");
        long[] window = [(long)h, (long)w];
        return [dy.AveragePool(window, window, [0, 0, 0, 0]) * (h * w), null, null, null];
    }

    /// <summary>At whole scales these ways to look a pixel up never lead to a neighbour.</summary>
    static bool IsRepetition(Node n) =>
        (n.Text("coordinate_transformation_mode", "half_pixel"), n.Text("nearest_mode", "round_prefer_floor"))
            is ("asymmetric", "floor")
            or ("half_pixel" or "pytorch_half_pixel", "round_prefer_floor" or "round_prefer_ceil");
}
