using OnnxTimm.Data;

namespace OnnxTimm.Train;

public static partial class NumberRanges
{
    /// <param name="Min">The least value.</param>
    /// <param name="Max">The largest.</param>
    /// <param name="HasMin">Whether the least is itself one.</param>
    /// <param name="HasMax">Whether the largest is.</param>
    sealed record Range(double Min, double Max, bool HasMin = true, bool HasMax = true)
    {
        public static readonly Range Any = new(double.NegativeInfinity, double.PositiveInfinity);

        public static readonly Range AtLeastZero = new(0, double.PositiveInfinity);

        public static readonly Range Positive = new(0, double.PositiveInfinity, HasMin: false);

        public static readonly Range Count = new(1, double.PositiveInfinity);

        public static readonly Range Side = new(1, DataConfig.LargestSide);

        public static readonly Range Threads = new(0, 256);

        /// <summary>A share, or a probability.</summary>
        public static readonly Range Part = new(0, 1);

        /// <summary>What would leave nothing at 1.</summary>
        public static readonly Range Rate = new(0, 1, HasMax: false);

        public bool Has(double x) =>
            double.IsFinite(x) && (HasMin ? x >= Min : x > Min) && (HasMax ? x <= Max : x < Max);

        public override string ToString() => (Min, Max) switch
        {
            (double.NegativeInfinity, _) => "a finite number",
            (_, double.PositiveInfinity) => $"{(HasMin ? "at least" : "greater than")} {Min}",
            _ => $"from {Min} to {(HasMax ? "" : "below ")}{Max}",
        };
    }
}
