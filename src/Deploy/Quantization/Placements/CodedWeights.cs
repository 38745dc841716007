using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Weights of a node, as codes that a DequantizeLinear makes numbers of.</summary>
static class CodedWeights
{
    /// <summary>Weight and bias of a node; the codes of a bias have the step of the products.</summary>
    /// <param name="n">A node of the old graph.</param>
    /// <param name="axis">The axis of the weight's channels.</param>
    /// <param name="inputStep">The step of the input's codes.</param>
    /// <param name="recipe">The kind of codes.</param>
    /// <param name="numbers">What was measured.</param>
    /// <param name="to">The new graph.</param>
    public static Value[] Write(
        Node n, int axis, float inputStep, Recipe recipe, Measurements numbers, Rewrite to)
    {
        var (weight, bias) = numbers.Layer(n, axis, inputStep, recipe.Weights);
        return bias is null ? [Weight(n[1], weight, axis, to)]
            : [Weight(n[1], weight, axis, to), Bias(n[2], bias, inputStep, weight.Steps, to)];
    }

    /// <summary>A weight with a step a channel.</summary>
    public static Value Weight(Value old, WeightCodes weight, int axis, Rewrite to)
    {
        var channels = weight.Steps.Length;
        var steps = Stored.New(to, $"{old.Name}:scale", Tensor.Of(weight.Steps, channels));
        // Zeros of its own: ONNX Runtime's session.x64quantprecision changes them together with their weight.
        var zeros = Stored.New(to, $"{old.Name}:zero", Tensor.Of(new sbyte[channels], channels));
        return Stored.New(to, $"{old.Name}:codes", Tensor.Of(weight.Codes, old.Shape.Sizes))
            .DequantizeLinear(steps, zeros, axis);
    }

    static Value Bias(Value old, float[] bias, float inputStep, float[] weightSteps, Rewrite to)
    {
        var (codes, steps) = BiasCodes.Of(bias, inputStep, weightSteps);
        var scale = Stored.New(to, $"{old.Name}:scale", Tensor.Of(steps, bias.Length));
        return Stored.New(to, $"{old.Name}:codes", Tensor.Of(codes, bias.Length)).DequantizeLinear(scale, null, 0);
    }
}

/// <summary>Constants of a new graph.</summary>
static class Stored
{
    /// <summary>A constant under a name, or the same with a number where one weight serves twice.</summary>
    public static Value New(Rewrite to, string name, Tensor content) => New(to.Target, name, content);

    /// <inheritdoc cref="New(Rewrite, string, Tensor)"/>
    public static Value New(Graph graph, string name, Tensor content)
    {
        var free = name;
        for (var i = 1; graph.Find(free) is not null; i++)
            free = $"{name}_{i}";
        return graph.Store(free, Role.Constant, content);
    }
}
