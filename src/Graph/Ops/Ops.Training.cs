namespace OnnxTimm;

/// <summary>
/// Operators of ONNX Runtime's builds for training (com.microsoft), and the form of batch norm that trains. They write
/// to the memory of their inputs; what they give is a flag, but for the clipped sequence and the norm.
/// </summary>
public static partial class Ops
{
    /// <summary>Adds a value to a buffer, or overwrites it where the flag [1] is set.</summary>
    public static Value InPlaceAccumulatorV2(this Value value, Value buffer, Value overwrite) =>
        value.Op("com.microsoft:InPlaceAccumulatorV2", [buffer, value, overwrite]);

    /// <summary>Scales a sequence of tensors so that all together have at most a norm (Frobenius).</summary>
    public static Value InplaceClipGradNorm(this Value gradients, double maxNorm)
    {
        var clipped = gradients.Op("com.microsoft:InplaceClipGradNorm", [gradients], ("max_norm", maxNorm));
        clipped.IsSequence = true;
        return clipped;
    }

    /// <summary>Updates sequences of parameters and moments.</summary>
    /// <param name="inputs">Rate [1], step [1]; parameters, gradients, first and second moments: sequences.</param>
    /// <param name="betas">Decay of the moments.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Share of the parameter that is taken off, times the rate.</param>
    /// <param name="mode">0: decay before the update and corrected moments, PyTorch's; 1: after it, Hugging
    /// Face's.</param>
    public static Value AdamWOptimizer(
        Value[] inputs, (double First, double Second) betas, double epsilon, double weightDecay, int mode) =>
        inputs[0].Op("com.microsoft:AdamWOptimizer", inputs, ("alpha", betas.First), ("beta", betas.Second),
            ("epsilon", epsilon), ("weight_decay", weightDecay), ("correct_bias", 1), ("adam_mode", mode));

    /// <summary>Subtracts gradients times the rate [1] from parameters, both sequences.</summary>
    public static Value SGDOptimizerV2(Value rate, Value parameters, Value gradients) =>
        rate.Op("com.microsoft:SGDOptimizerV2", [rate, parameters, gradients]);

    /// <summary>
    /// The norm by the batch's own statistics. Where nobody reads the next running ones, the kernel writes them, with
    /// the biased variance, over those that it is fed.
    /// </summary>
    public static Value BatchNormalizationInPlace(this Value x, Value scale, Value bias,
        (Value Mean, Value Variance) running,
        double epsilon, double momentum) =>
        x.Graph.Emit("BatchNormalization", [x, scale, bias, running.Mean, running.Variance], 3,
            ("epsilon", epsilon), ("momentum", momentum), ("training_mode", 1)).Out;
}
