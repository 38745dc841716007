namespace OnnxTimm;

/// <summary>
/// ONNX's operators as methods on <see cref="Value"/>: with <see cref="ShapeRules"/> the only place that creates
/// nodes. Names, attributes and defaults are the operator's own; what a chain of them means is in Layers/.
/// </summary>
public static partial class Ops
{
    /// <summary>The same, under another name.</summary>
    public static Value Identity(this Value x) => x.Op("Identity", [x]);

    /// <summary>The elements as another type; the value itself where it has that type.</summary>
    public static Value Cast(this Value x, DType to) => x.Type == to ? x : x.Op("Cast", [x], ("to", to));

    /// <summary>The dimensions of a value as int64, for shapes that hold the batch.</summary>
    public static Value ShapeOf(this Value x, int start = 0, int? end = null) =>
        x.Op("Shape", [x], ("start", start == 0 ? null : start), ("end", end));

    /// <summary>Numbers from the value, a scalar, up to a limit, which is left out.</summary>
    public static Value Range(this Value start, Value limit, Value delta) => start.Op("Range", [start, limit, delta]);

    /// <summary>An array of one value with a computed shape.</summary>
    public static Value ConstantOfShape(this Value shape, float value = 0) =>
        shape.Op("ConstantOfShape", [shape], ("value", Tensor.Of([value], 1)));

    static Value Op(this Value x, string op, ReadOnlySpan<Value?> inputs,
        params ReadOnlySpan<(string Name, object? Value)> attributes) =>
        x.Graph.Emit(op, inputs, 1, attributes).Out;

    static Value Ints(this Value x, params long[] values) => x.Graph.Const(Tensor.Ints(values));
}
