namespace OnnxTimm.Train;

/// <summary>
/// Sums of so many numbers that their rounding matters: along the last axis in float32, so that no map is held in
/// float64, and from there on in float64. One axis alone is summed in float64.
/// </summary>
static class LongSums
{
    /// <summary>The sum over axes, in float64.</summary>
    public static Value LongSum(this Value x, long[] axes, bool keepDims = true) =>
        Wide(x, axes, (v, last) => v.ReduceSum(last)).ReduceSum(axes, keepDims);

    /// <summary>The mean over axes, in float64.</summary>
    public static Value LongMean(this Value x, long[] axes) =>
        Wide(x, axes, (v, last) => v.ReduceMean(last)).ReduceMean(axes);

    static Value Wide(Value x, long[] axes, Func<Value, long[], Value> along)
    {
        long last = x.Shape.Rank - 1;
        return (axes.Length > 1 && axes.Contains(last) ? along(x, [last]) : x).Cast(DType.Float64);
    }
}
