namespace OnnxTimm.Passes;

/// <summary>One batch norm and the linear operator before it; the algebra is <see cref="FoldBatchNorm"/>'s.</summary>
sealed class BatchNormFold
{
    readonly double[] scale;
    readonly double[] offset;

    // An element's channel is element / inner % channels, plus as many channels for each group before its own.
    readonly long inner;
    readonly long channels;
    readonly long group = long.MaxValue;

    public BatchNormFold(Node norm)
    {
        (Norm, Linear) = (norm, norm[0].Producer!);
        var shape = Linear[1].Shape.Sizes;
        (inner, channels) = Linear.Op switch
        {
            "Conv" => (Inner(shape, 1), shape[0]),
            "Gemm" => Linear.Int("transB") == 1 ? (shape[1], shape[0]) : (1, shape[1]),
            _ => (Inner(shape, 2), shape[1]),
        };
        if (Linear.Op == "ConvTranspose")
            group = Inner(shape, 0) / Linear.Int("group", 1);
        var (gamma, beta, mean, variance) = (Floats(norm[1]), Floats(norm[2]), Floats(norm[3]), Floats(norm[4]));
        var epsilon = (double)norm.Float("epsilon", 1e-5f);
        scale = [.. gamma.Zip(variance, (g, v) => g / Math.Sqrt(v + epsilon))];
        var bias = Bias();
        offset = [.. scale.Select((s, c) => (bias[c % bias.Length] - mean[c]) * s + beta[c])];
    }

    public Node Norm { get; }

    public Node Linear { get; }

    /// <summary>
    /// Error of the rounded weights and offsets, relative to the largest of the channel; infinite where one overflows.
    /// </summary>
    public double MeasureError()
    {
        var weight = Linear[1].Data!.ToFloats();
        var (largest, error) = (new double[scale.Length], new double[scale.Length]);
        for (var i = 0; i < weight.Length; i++)
        {
            var c = Channel(i);
            var w = weight[i] * scale[c];
            largest[c] = Math.Max(largest[c], Math.Abs(w));
            error[c] = Math.Max(error[c], Math.Abs(w - (float)w));
        }
        var offsets = offset.Select(o => Relative(Math.Abs(o - (float)o), Math.Abs(o)));
        return error.Zip(largest, Relative).Concat(offsets).Max();
    }

    /// <summary>
    /// The linear operator with other weights, under the names of the old ones; where others read these, beside them.
    /// </summary>
    public Value[] Emit(Rewrite to, Func<Value, bool> mayReplace)
    {
        var weight = Put(to, Linear[1], new Tensor(DType.Float32, Linear[1].Shape.Sizes, Weight), mayReplace);
        var content = Tensor.Of(Array.ConvertAll(offset, o => (float)o), offset.Length);
        var bias = Linear.Has(2) && Linear[2].Shape.Equals((Shape)content.Shape)
            ? Put(to, Linear[2], content, mayReplace)
            : to.Target.Store(to.Target.Fresh(BiasName(Linear[1].Name)), Linear[1].Role, content);
        return to.Copy(Linear, [to[Linear[0]], weight, bias], Linear.Op == "Gemm" ? [("beta", null)] : []);
    }

    static Value Put(Rewrite to, Value old, Tensor content, Func<Value, bool> mayReplace)
    {
        if (!mayReplace(old))
            return to.Target.Store(to.Target.Fresh($"{old.Name}:folded"), old.Role, content);
        to[old].Data = content;
        return to[old];
    }

    ReadOnlyMemory<byte> Weight()
    {
        var weight = Linear[1].Data!.ToFloats();
        for (var i = 0; i < weight.Length; i++)
            weight[i] = (float)(weight[i] * scale[Channel(i)]);
        return new CastMemory<float>(weight).Memory;
    }

    int Channel(int element) => (int)(element / inner % channels + element / group * channels);

    double[] Bias()
    {
        if (!Linear.Has(2))
            return [0];
        var factor = Linear.Op == "Gemm" ? Linear.Float("beta", 1) : 1;
        return Array.ConvertAll(Floats(Linear[2]), b => b * factor);
    }

    static string BiasName(string weight) =>
        weight.EndsWith(".weight", StringComparison.Ordinal) ? $"{weight[..^"weight".Length]}bias" : $"{weight}:bias";

    static long Inner(long[] shape, int axis) => shape.Skip(axis).Aggregate(1L, (product, d) => product * d);

    /// <summary>
    /// An error as a share of the largest value. What float32 cannot hold has the error infinity or NaN; both become
    /// infinity, since NaN is not greater than any tolerance and would be accepted.
    /// </summary>
    static double Relative(double error, double largest) =>
        !double.IsFinite(error) ? double.PositiveInfinity : error == 0 ? 0 : error / largest;

    static double[] Floats(Value v) => Array.ConvertAll(v.Data!.ToFloats(), x => (double)x);
}
