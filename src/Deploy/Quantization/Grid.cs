namespace OnnxTimm.Deploy;

/// <summary>The codes that numbers become.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Least">The lowest code.</param>
/// <param name="Most">The highest code.</param>
/// <param name="IsSymmetric">Whether 0 is the code 0, so that the range is as wide on both sides.</param>
public sealed record Codes(DType Type, int Least, int Most, bool IsSymmetric)
{
    /// <summary>What activations are for x64 and arm64: the kernels of both are fastest with them.</summary>
    public static readonly Codes UInt8 = new(DType.UInt8, 0, 255, IsSymmetric: false);

    /// <summary>What weights are; activations for TensorRT.</summary>
    public static readonly Codes Int8 = new(DType.Int8, -127, 127, IsSymmetric: true);

    /// <summary>
    /// Seven bits: the sum of two products with a code of uint8, 255 * 64 * 2, does not overflow the 16 bits in which
    /// processors without dot-product instructions add them.
    /// </summary>
    public static readonly Codes Int7 = new(DType.Int8, -64, 64, IsSymmetric: true);
}

/// <summary>The least and the largest number of a tensor, or those that its codes are to reach.</summary>
public readonly record struct Interval(double Least, double Most)
{
    /// <summary>The same with 0 in it, which has to have a code: pads are 0.</summary>
    public Interval WithZero => new(Math.Min(0, Least), Math.Max(0, Most));

    /// <summary>From the least to the largest number.</summary>
    public double Width => Most - Least;

    /// <summary>The largest distance from 0.</summary>
    public double Magnitude => Math.Max(Math.Abs(Least), Math.Abs(Most));
}

/// <summary>What each code of a tensor means: (code - Zero) * Step.</summary>
public readonly record struct Grid(float Step, int Zero, Codes Codes)
{
    /// <summary>The grid that reaches over an interval.</summary>
    public static Grid Of(Interval interval, Codes codes)
    {
        var (least, most) = interval.WithZero;
        var step = codes.IsSymmetric
            ? (float)(interval.Magnitude / codes.Most)
            : (float)((most - least) / (codes.Most - codes.Least));
        if (!(step >= Smallest))
            return new(1, codes.IsSymmetric ? 0 : codes.Least, codes);
        return new(step, codes.IsSymmetric ? 0 : (int)Math.Round(codes.Least - least / step), codes);
    }

    /// <summary>A step below this would be lost in the arithmetic of the runtime.</summary>
    public const float Smallest = 1.1754944e-38f;

    /// <summary>The code of a number: halves become even, what lies beyond becomes the last code.</summary>
    public int Code(double x) => (int)Math.Clamp(Math.Round(x / Step) + Zero, Codes.Least, Codes.Most);

    /// <summary>The number that a code means.</summary>
    public double Value(int code) => (code - Zero) * (double)Step;

    /// <summary>The number that stands for another.</summary>
    public double Round(double x) => Value(Code(x));

    /// <summary>The numbers that the codes reach.</summary>
    public Interval Reach => new(Value(Codes.Least), Value(Codes.Most));

    /// <summary>The step as a scalar of a graph.</summary>
    public Tensor StepTensor => Tensor.Scalar(Step);

    /// <summary>The code of 0 as a scalar of a graph.</summary>
    public Tensor ZeroTensor => Codes.Type == DType.UInt8 ? Tensor.Scalar((byte)Zero) : Tensor.Scalar((sbyte)Zero);

    /// <summary>A tensor's codes.</summary>
    public Tensor Encode(Tensor tensor)
    {
        var grid = this;
        return Codes.Type == DType.UInt8
            ? Tensor.Of(Array.ConvertAll(tensor.ToFloats(), x => (byte)grid.Code(x)), tensor.Shape)
            : Tensor.Of(Array.ConvertAll(tensor.ToFloats(), x => (sbyte)grid.Code(x)), tensor.Shape);
    }
}
