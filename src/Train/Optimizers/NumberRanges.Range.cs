using OnnxTimm.Data;

namespace OnnxTimm.Train;

public static partial class NumberRanges
{
    /// <summary>What rates, factors, exponents and weights may be at most.</summary>
    internal const double LargestFactor = 1e6;

    /// <param name="Min">The least value.</param>
    /// <param name="Max">The largest.</param>
    /// <param name="HasMin">Whether the least is itself one.</param>
    /// <param name="HasMax">Whether the largest is.</param>
    sealed record Range(double Min, double Max, bool HasMin = true, bool HasMax = true)
    {
        public static readonly Range Any = new(-float.MaxValue, float.MaxValue);

        public static readonly Range AtLeastZero = new(0, float.MaxValue);

        public static readonly Range Positive = new(0, float.MaxValue, HasMin: false);

        public static readonly Range Count = new(1, float.MaxValue);

        /// <summary>A rate, a factor or an exponent: more of it leaves no number finite after a step or two.</summary>
        public static readonly Range Factor = new(0, LargestFactor);

        public static readonly Range Side = new(1, DataConfig.LargestSide);

        public static readonly Range Threads = new(0, 256);

        /// <summary>A share, or a probability.</summary>
        public static readonly Range Part = new(0, 1);

        /// <summary>What would leave nothing at 1.</summary>
        public static readonly Range Rate = new(0, 1, HasMax: false);

        public bool Has(double x) =>
            double.IsFinite(x) && (HasMin ? x >= Min : x > Min) && (HasMax ? x <= Max : x < Max);

        /// <summary>What a number must be that is not within it.</summary>
        public string Against(double x) => (Min, Max) switch
        {
            (_, >= LargestFactor) when x > Max && double.IsFinite(x) => $"at most {Max}",
            ( < 0, float.MaxValue) => double.IsFinite(x) ? $"at least {Min}" : "a finite number",
            (_, >= LargestFactor) => $"{(HasMin ? "at least" : "greater than")} {Min}",
            _ => $"from {Min} to {(HasMax ? "" : "below ")}{Max}",
        };
    }
}
