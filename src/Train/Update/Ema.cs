using System.Numerics.Tensors;

namespace OnnxTimm.Train;

/// <summary>How fast the average follows (ModelEmaV3 in timm/utils/model_ema.py).</summary>
public sealed record EmaDecay(double Decay = 0.9998)
{
    /// <summary>Begins at zero and grows: 1 - (1 + n / gamma)^-power.</summary>
    public bool Warmup { get; init; }

    /// <summary>Unit of the warm-up's time, in updates.</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>How fast the warm-up ends: timm advises 2/3 for a million updates and more, 3/4 for fewer.</summary>
    public double Power { get; init; } = 2.0 / 3;

    /// <summary>The least share of the old average in the warm-up.</summary>
    public double Min { get; init; }

    /// <summary>Updates before the average begins; until then it is a copy.</summary>
    public int UpdateAfter { get; init; }

    /// <summary>The share of the old average at an update, counted from 1. The first update copies.</summary>
    public double At(long update)
    {
        var n = Math.Max(0, update - UpdateAfter - 1);
        return n == 0 ? 0 : Warmup ? Math.Max(Math.Min(1 - Math.Pow(1 + n / Gamma, -Power), Decay), Min) : Decay;
    }
}

/// <summary>The moving average of all weights, parameters and statistics.</summary>
public sealed class Ema
{
    static readonly BlockProgram Follow = Compile(Toward);

    /// <summary>The same among weights of which some are infinite and stay so: bounds that do not bind.</summary>
    static readonly Lazy<BlockProgram> FollowFinite = new(() => Compile((average, now, share) =>
        average.Abs().Less(double.PositiveInfinity).Where(Toward(average, now, share), average)));

    readonly EmaDecay decay;
    readonly BlockEvaluator evaluator;
    readonly int sets;

    /// <param name="decay">How fast the average follows.</param>
    /// <param name="weights">What is averaged; the average begins as a copy.</param>
    public Ema(EmaDecay decay, params FlatTensors[] weights)
    {
        this.decay = decay;
        Average = [.. weights.Select(w => new FlatTensors(w.Layout))];
        foreach (var (average, now) in Average.Zip(weights))
            average.CopyFrom(now);
        var program = weights.All(w => TensorPrimitives.IsFiniteAll<float>(w.All.Span)) ? Follow : FollowFinite.Value;
        evaluator = new(program, [.. Average.Zip(weights, (average, now) => (Memory<float>[])[average.All, now.All])]);
        sets = weights.Length;
    }

    /// <summary>The averages, in the order of the weights.</summary>
    public FlatTensors[] Average { get; }

    /// <summary>Takes the weights in after an update of the model, counted from 1.</summary>
    public void Update(long update) =>
        evaluator.Run([.. Enumerable.Repeat((float[])[(float)(1 - decay.At(update))], sets)]);

    static Value Toward(Value average, Value now, Value share) => average + (now - average) * share;

    static BlockProgram Compile(Func<Value, Value, Value, Value> next)
    {
        var graph = new Graph("ema");
        var shape = new Shape(new Dim(1, "L"));
        var (average, now) = (graph.Input("average", DType.Float32, shape), graph.Input("now", DType.Float32, shape));
        var share = graph.Input("share", DType.Float32, Shape.Scalar);
        return BlockProgram.Compile([average, now], [share], (next(average, now, share), average));
    }
}
