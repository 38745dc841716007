namespace OnnxTimm;

// Numbers as codes of few bits: code = round(x / scale) + zero, x = (code - zero) * scale.
public static partial class Ops
{
    /// <summary>
    /// The codes of numbers; halves are rounded to the even code, what lies beyond becomes the last one.
    /// </summary>
    /// <param name="x">Numbers.</param>
    /// <param name="scale">Step of a code: a scalar, or one an index of the axis.</param>
    /// <param name="zero">The code of 0, whose type is that of the codes.</param>
    public static Value QuantizeLinear(this Value x, Value scale, Value zero) =>
        x.Op("QuantizeLinear", [x, scale, zero]);

    /// <summary>What codes mean.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="scale">Step of a code: a scalar, or one an index of the axis.</param>
    /// <param name="zero">The code of 0; 0 where it is left out.</param>
    /// <param name="axis">The axis of the steps, where there are several.</param>
    public static Value DequantizeLinear(this Value codes, Value scale, Value? zero = null, int? axis = null) =>
        codes.Op("DequantizeLinear", [codes, scale, zero], ("axis", axis));

    /// <summary>Codes of type uint8 by the range that the numbers have at this call.</summary>
    public static (Value Codes, Value Scale, Value Zero) DynamicQuantizeLinear(this Value x)
    {
        var outs = x.Graph.Emit("DynamicQuantizeLinear", [x], 3).Outs;
        return (outs[0], outs[1], outs[2]);
    }

    /// <summary>The product of two arrays of codes, each less its zero, as int32.</summary>
    public static Value MatMulInteger(this Value a, Value b, Value aZero) => a.Op("MatMulInteger", [a, b, aZero]);

    /// <summary>
    /// ONNX Runtime's product [..., K] x [K, N] with a matrix of 4-bit codes, whose code of 0 is 8.
    /// </summary>
    /// <param name="x">Numbers.</param>
    /// <param name="codes">[N, blocks, block / 2] bytes, the first code of a pair in the low half.</param>
    /// <param name="scales">[N, blocks]: the step of a block.</param>
    /// <param name="k">Rows of the matrix.</param>
    /// <param name="block">Rows that share a step.</param>
    public static Value MatMulNBits(this Value x, Value codes, Value scales, long k, int block) =>
        x.Op("com.microsoft:MatMulNBits", [x, codes, scales], ("K", k), ("N", codes.Shape[0].Size), ("bits", 4),
            ("block_size", block));
}
