using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>An activation of sixteen elements at once. A type, so that a kernel is compiled for each.</summary>
interface IAct
{
    static abstract Vector512<float> Of(Vector512<float> x);

    /// <summary>dy times the slope at x.</summary>
    static abstract Vector512<float> Grad(Vector512<float> dy, Vector512<float> x);
}

/// <summary>Makes something for an activation that is known by its name only.</summary>
interface IForAct<out T>
{
    T Make<TAct>() where TAct : IAct;
}

/// <summary>The activations that kernels know, by timm's names.</summary>
static class Acts
{
    public static T Make<T>(string act, IForAct<T> maker) => act switch
    {
        "" => maker.Make<Identity>(),
        "relu" => maker.Make<Relu>(),
        "relu6" => maker.Make<Relu6>(),
        "silu" => maker.Make<Silu>(),
        "sigmoid" => maker.Make<Sigmoid>(),
        "hard_sigmoid" => maker.Make<HardSigmoid>(),
        "hard_swish" => maker.Make<HardSwish>(),
        "gelu" => maker.Make<Gelu>(),
        _ => throw new InvalidOperationException($"No kernel knows the activation \"{act}\"."),
    };

    public readonly struct Identity : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => x;

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x) => dy;
    }

    readonly struct Relu : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => Cut(x);

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x) =>
            dy & Vector512.GreaterThan(x, default);
    }

    readonly struct Relu6 : IAct
    {
        static Vector512<float> Six => Vector512.Create(6f);

        public static Vector512<float> Of(Vector512<float> x) => Cut(x, Six);

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x) => dy & Between(x, default, Six);
    }

    readonly struct Sigmoid : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => Functions.Sigmoid(x);

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x)
        {
            var s = Functions.Sigmoid(x);
            return dy * (s * (One - s));
        }
    }

    readonly struct Silu : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => x * Functions.Sigmoid(x);

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x)
        {
            var s = Functions.Sigmoid(x);
            return dy * (s * Lanes.Fma(x, One - s, One));
        }
    }

    readonly struct HardSigmoid : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => Cut(Lanes.Fma(x, Sixth, Half), One);

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x) => dy * Slope(x);

        public static Vector512<float> Slope(Vector512<float> x) => Sixth & Between(x, -Three, Three);
    }

    readonly struct HardSwish : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => x * HardSigmoid.Of(x);

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x) =>
            dy * Lanes.Fma(x, HardSigmoid.Slope(x), HardSigmoid.Of(x));
    }

    readonly struct Gelu : IAct
    {
        public static Vector512<float> Of(Vector512<float> x) => x * Functions.Normal(x).Cumulative;

        public static Vector512<float> Grad(Vector512<float> dy, Vector512<float> x)
        {
            var (cumulative, density) = Functions.Normal(x);
            return dy * Lanes.Fma(x, density, cumulative);
        }
    }

    static Vector512<float> One => Vector512.Create(1f);

    static Vector512<float> Half => Vector512.Create(0.5f);

    static Vector512<float> Three => Vector512.Create(3f);

    static Vector512<float> Sixth => Vector512.Create(1 / 6f);

    /// <summary>Not below zero. The second operand stays where it is no number.</summary>
    static Vector512<float> Cut(Vector512<float> x) => Vector512.MaxNative(default, x);

    static Vector512<float> Cut(Vector512<float> x, Vector512<float> top) => Cut(Vector512.MinNative(top, x));

    static Vector512<float> Between(Vector512<float> x, Vector512<float> low, Vector512<float> high) =>
        Vector512.GreaterThan(x, low) & Vector512.LessThan(x, high);
}
