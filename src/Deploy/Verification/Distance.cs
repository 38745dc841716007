namespace OnnxTimm.Deploy;

/// <summary>How far numbers are from those that are expected.</summary>
public static class Distance
{
    /// <summary>
    /// The largest difference as a share of the expected numbers' deviation, or of a hundredth of their root mean
    /// square where they hardly deviate; infinite for what is no number.
    /// </summary>
    public static double Of(ReadOnlySpan<float> got, ReadOnlySpan<float> expected)
    {
        if (got.Length != expected.Length)
            return double.PositiveInfinity;
        double largest = 0, sum = 0, squares = 0;
        for (var i = 0; i < got.Length; i++)
        {
            largest = got[i].Equals(expected[i]) ? largest : Math.Max(largest, Math.Abs((double)got[i] - expected[i]));
            (sum, squares) = (sum + expected[i], squares + (double)expected[i] * expected[i]);
        }
        var (mean, square) = (sum / got.Length, squares / got.Length);
        var scale = Math.Max(Math.Sqrt(Math.Max(0, square - mean * mean)), Math.Sqrt(square) / 100);
        return largest == 0 ? 0 : double.IsNaN(largest) || scale == 0 ? double.PositiveInfinity : largest / scale;
    }

    /// <summary>How far an export in float16 may be from float32 on the machine that writes it.</summary>
    public const double MostOfHalf = 1e-2;

    /// <summary>What is allowed where pixels are rounded otherwise, by one of 255.</summary>
    public const double OnePixelOff = 2e-2;

    /// <summary>What is allowed of what is computed in a type, on any machine.</summary>
    public static double Tolerance(DType type) => type switch
    {
        DType.Float32 => 1e-3,
        // Kernels of half precision add up in it on some machines.
        DType.Float16 => 3e-2,
        DType.BFloat16 => 0.3,
        // A sum that is rounded otherwise is another code.
        _ => 0.1,
    };
}
