using System.Collections.Frozen;

namespace OnnxTimm.Passes;

/// <summary>Operators that are a function of numbers, as functions of numbers.</summary>
static class Functions
{
    /// <summary>Of one number.</summary>
    public static readonly FrozenDictionary<string, Func<double, double>> Unary =
        new Dictionary<string, Func<double, double>>
        {
            { "Neg",        x => -x },
            { "Abs",        Math.Abs },
            { "Exp",        Math.Exp },
            { "Log",        Math.Log },
            { "Sqrt",       Math.Sqrt },
            { "Reciprocal", x => 1 / x },
            { "Sigmoid",    x => 1 / (1 + Math.Exp(-x)) },
            { "Tanh",       Math.Tanh },
            { "Relu",       x => x < 0 ? 0 : x },
            { "Sin",        Math.Sin },
            { "Cos",        Math.Cos },
            { "Erf",        Erf },
        }.ToFrozenDictionary();

    /// <summary>Of two.</summary>
    public static readonly FrozenDictionary<string, Func<double, double, double>> Binary =
        new Dictionary<string, Func<double, double, double>>
        {
            { "Add", (a, b) => a + b },
            { "Sub", (a, b) => a - b },
            { "Mul", (a, b) => a * b },
            { "Div", (a, b) => a / b },
            { "Pow", Math.Pow },
            { "Min", Math.Min },
            { "Max", Math.Max },
        }.ToFrozenDictionary();

    /// <summary>Of two integers.</summary>
    public static readonly FrozenDictionary<string, Func<long, long, long>> Integer =
        new Dictionary<string, Func<long, long, long>>
        {
            { "Add", (a, b) => a + b },
            { "Sub", (a, b) => a - b },
            { "Mul", (a, b) => a * b },
            { "Div", (a, b) => b == 0 ? throw new UserException("A constant is divided by zero.") : a / b },
            { "Min", Math.Min },
            { "Max", Math.Max },
        }.ToFrozenDictionary();

    /// <summary>
    /// The error function by a series of positive terms (Abramowitz and Stegun 7.1.6), in which nothing cancels; from 6
    /// on it is 1 to the last bit.
    /// </summary>
    static double Erf(double x)
    {
        if (Math.Abs(x) >= 6 || double.IsNaN(x))
            return Math.Sign(x);
        var (sum, term) = (0.0, x);
        for (var n = 1; sum + term != sum; n++)
            (sum, term) = (sum + term, term * 2 * x * x / (2 * n + 1));
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
