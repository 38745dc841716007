namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>A fully connected layer on the last axis; weight [out, in].</summary>
    public static Value Linear(this Value x, Scope s, int width, bool bias = true)
    {
        var weight = s.Param("weight", s.Defaults.Linear, width, x.Features);
        var offset = bias ? s.Param("bias", s.Defaults.LinearBiasBy(x.Features), width) : null;
        return x.Linear(weight, offset);
    }

    /// <summary>x W' + b on the last axis, by given weights [out, in].</summary>
    public static Value Linear(this Value x, Value weight, Value? bias = null)
    {
        if (x.Shape.Rank == 2)
            return x.Gemm(weight, bias, transB: true);
        var y = x.MatMul(weight.Transpose(1, 0));
        return bias is null ? y : y + bias;
    }

    /// <summary>
    /// Applies to rows [N * L, D] of tokens [N, L, D], or of a map with its channels last, what takes no other rank,
    /// such as a linear layer with the batch norm that folds into it. What is rows already stays so.
    /// </summary>
    public static Value OverRows(this Value x, Func<Value, Value> layer)
    {
        if (x.Shape.Rank == 2)
            return layer(x);
        Dim[] places = [.. x.Shape.SkipLast(1)];
        var rows = layer(x.Reshape(places.Aggregate((a, b) => a * b), x.Features));
        return rows.Reshape([.. places, rows.Features]).As(Layout.ChannelsLast);
    }
}
