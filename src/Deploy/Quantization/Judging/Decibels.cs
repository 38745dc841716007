using System.Numerics.Tensors;

namespace OnnxTimm.Deploy;

/// <summary>How far numbers are above their error: 20 dB for each factor of ten, as engineers count noise.</summary>
static class Decibels
{
    /// <summary>Of numbers and what stands for them; infinite where they are equal.</summary>
    public static double Of(ReadOnlySpan<float> numbers, ReadOnlySpan<float> others)
    {
        var distance = (double)TensorPrimitives.Distance(numbers, others);
        return Of(TensorPrimitives.SumOfSquares(numbers), distance * distance);
    }

    /// <summary>Of sums of squares.</summary>
    public static double Of(double signal, double error) =>
        error == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / error);
}
