namespace OnnxTimm.Models;

/// <summary>
/// The end of a network, in timm's order: pool, what still reads a map of one pixel, norm, hidden layer, dropout,
/// classifier. A map [N, C, H, W] or [N, H, W, C] or tokens [N, L, D] become logits [N, classes].
/// </summary>
/// <param name="Scope">Where the classifier has its parameters.</param>
public sealed record Head(Scope Scope)
{
    /// <summary>The pool where no other is asked for.</summary>
    public string Pool { get; init; } = "avg";

    /// <summary>Pools by a name; without a rule of the family's own, by those that all have.</summary>
    public Func<Value, string, Value> PoolBy { get; init; } = (x, name) => GlobalPool.Of(x, name);

    /// <summary>Reads the pooled map [N, C, 1, 1], or the map itself where nothing is pooled.</summary>
    public Func<Value, Value> Pooled { get; init; } = x => x;

    /// <summary>Norms what is pooled, on its last axis; without one nothing is normed.</summary>
    public Func<Value, Value>? Norm { get; init; }

    /// <summary>
    /// A layer before the classifier, on the last axis of what is normed, with its activation: timm's pre_logits.
    /// </summary>
    public Func<Value, Value> Hidden { get; init; } = x => x;

    /// <summary>
    /// From what is pooled to so many classes, with its parameters at a scope, and a rate of dropout before it.
    /// </summary>
    public Func<Value, Scope, int, double, Value> Classifier { get; init; } = Linear;

    /// <summary>A linear layer; a map that was not pooled has none.</summary>
    /// <exception cref="UserException">It is a map.</exception>
    public static Value Linear(Value x, Scope s, int classes, double drop) => Rows(x).Dropout(drop).Linear(s, classes);

    /// <summary>What a linear layer can read, as it is.</summary>
    /// <exception cref="UserException">It is a map.</exception>
    public static Value Rows(Value x) => x.Shape.Rank < 4 ? x
        : throw new UserException("Without pooling (global_pool '') there is no classifier: ask for 0 classes.");

    /// <summary>A 1x1 convolution, which classifies every pixel where nothing was pooled.</summary>
    public static Value Conv(Value x, Scope s, int classes, double drop) => x.Shape.Rank == 4
        ? x.Dropout(drop).Conv(s, classes, k: 1)
        : x.Dropout(drop).Reshape(x.Shape[0], x.Features, 1, 1).Conv(s, classes, k: 1).Flatten();

    /// <summary>LeViT's and RepViT's: a batch norm before the linear layer, which fold into one.</summary>
    /// <param name="norm">Where the norm has its parameters.</param>
    public static Func<Value, Scope, int, double, Value> NormLinear(Scope norm) => (x, s, classes, drop) =>
        x.BatchNorm(norm).Dropout(drop)
            .Linear(s.With(d => d with { Linear = Init.TruncNormal(), LinearBias = Init.Zeros }), classes);

    /// <summary>What the classifier reads.</summary>
    internal Value Read(Value x, string? asked)
    {
        var pool = asked ?? Pool;
        var y = Pooled(PoolBy(x, pool));
        y = y.Shape.Rank == 4 && pool.Length > 0 ? y.Flatten() : y;
        if (Norm is null)
            return Hidden(y);
        return y.Layout == Layout.ChannelsFirst ? Hidden(Norm(y.ChannelsLast())).ChannelsFirst() : Hidden(Norm(y));
    }
}
