using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Exponentials of sixteen floats, within about 1e-7 of their value. Polynomials: minimax fits of relative error.
/// </summary>
static class Functions
{
    /// <summary>e^x; between the smallest and the largest normal number where x is outside their logarithms.</summary>
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.ClampNative(x, Vector512.Create(-87.3f), Vector512.Create(88.3f));
        var n = Vector512.Round(x * (1 / MathF.Log(2)));
        // ln 2 in two parts, the first short enough for an exact product.
        var r = Lanes.Fma(n, Vector512.Create(-0.693359375f), x);
        r = Lanes.Fma(n, Vector512.Create(2.12194440e-4f), r);
        var p = Next(Next(Vector512.Create(1.3814466e-3f), r, 8.3687805e-3f), r, 4.1668394e-2f);
        p = Next(Next(p, r, 0.1666652f), r, 0.49999993f);
        var e = Lanes.Fma(r * r, p, r) + Vector512.Create(1f);
        return (e.AsInt32() + (Vector512.ConvertToInt32Native(n) << 23)).AsSingle();
    }

    public static Vector512<float> Sigmoid(Vector512<float> x) =>
        Vector512.Create(1f) / (Vector512.Create(1f) + Exp(-x));

    /// <summary>
    /// The standard normal distribution at x. Its tail is exp(-x^2 / 2) Q(|x|), with Q a polynomial in 1 / (1 + |x| /
    /// 4), so that one exponential serves both.
    /// </summary>
    public static (Vector512<float> Cumulative, Vector512<float> Density) Normal(Vector512<float> x)
    {
        var one = Vector512.Create(1f);
        var gauss = Exp(x * x * Vector512.Create(-0.5f));
        var u = one / Lanes.Fma(Vector512.Abs(x), Vector512.Create(0.25f), one);
        var q = Next(Next(Next(Vector512.Create(0.03878648f), u, -0.22300171f), u, 0.45967057f), u, -0.42238025f);
        q = Next(Next(Next(q, u, 0.3812357f), u, -0.06348332f), u, 0.13730289f);
        var tail = gauss * Next(Next(Next(q, u, 0.091220366f), u, 0.10069727f), u, -4.7992928e-5f);
        var cumulative = Vector512.ConditionalSelect(Vector512.LessThan(x, default), tail, one - tail);
        return (cumulative, gauss * (1 / MathF.Sqrt(2 * MathF.PI)));
    }

    /// <summary>One step of Horner's rule.</summary>
    static Vector512<float> Next(Vector512<float> sum, Vector512<float> x, float coefficient) =>
        Lanes.Fma(sum, x, Vector512.Create(coefficient));
}
