namespace OnnxTimm.Train;

/// <summary>
/// Losses of several labels an image, in the DSL: logits and targets [N, classes], a target from 0 to 1 for each class
/// by itself. Formulas of timm 1.0.31.
/// </summary>
static class LabelLosses
{
    /// <summary>A logit that is left out of a sum of exponentials.</summary>
    const double Masked = -1e4;

    public static Classification.Measure BinaryCrossEntropy(LossOptions o) => Smoothed(o,
        Losses.BinaryCrossEntropy(o.BceSum, o.BceTargetThresh, o.Weights));

    /// <summary>Parts fade where a class is right already (arXiv:2009.14119).</summary>
    public static Classification.Measure Asymmetric(LossOptions o) => Smoothed(o, (logits, y) =>
    {
        var p = logits.Sigmoid();
        var q = o.AslClip is > 0 and var clip ? (1 - p + clip).Min(1) : 1 - p;
        var positive = y * p.Max(1e-8).Log();
        if (o.Weights.Positives is { } weights)
            positive *= LossWeights.Row(logits, weights);
        var loss = positive + (1 - y) * q.Max(1e-8).Log();
        if (o.AslGammaNeg > 0 || o.AslGammaPos > 0)
            loss *= Losses.Power(1 - (p * y + q * (1 - y)), y * o.AslGammaPos + (1 - y) * o.AslGammaNeg);
        loss = -(o.Weights.Classes is { } factors ? loss * LossWeights.Row(logits, factors) : loss);
        return o.AslReduction switch
        {
            "sum" => loss.ReduceSum(keepDims: false),
            "mean" => loss.ReduceMean(keepDims: false),
            _ => loss.ReduceSum([-1], keepDims: false).ReduceMean(keepDims: false),
        };
    });

    /// <summary>Binary cross entropy with one more term of its polynomial (arXiv:2204.12511).</summary>
    public static Classification.Measure Poly(LossOptions o) => Smoothed(o, (logits, y) =>
    {
        var p = logits.Sigmoid();
        var miss = 1 - (y * p + (1 - y) * (1 - p));
        var cross = LossWeights.None.Of(logits, y);
        if (o.PolyGamma > 0)
            cross *= Losses.Power(miss, miss.Graph.Scalar(o.PolyGamma));
        var term = o.PolyGamma > 0 ? Losses.Power(miss, miss.Graph.Scalar(o.PolyGamma + 1)) : miss;
        var loss = cross + term * o.PolyEpsilon;
        return (o.PolyAlpha is { } alpha ? loss * (y * alpha + (1 - y) * (1 - alpha)) : loss)
            .ReduceMean(keepDims: false);
    });

    /// <summary>
    /// The labels of a sample against its other classes, and the samples of a class against the others (Kobayashi,
    /// CVPR 2023).
    /// </summary>
    public static Classification.Measure TwoWay(LossOptions o)
    {
        return (logits, targets) =>
        {
            var positive = targets.Greater(0.5).Cast(logits.Type);
            return Ways(logits, positive) + Ways(logits.Transpose(1, 0), positive.Transpose(1, 0));
        };

        Value Ways(Value x, Value positive)
        {
            var margin = LogSumExp(x / o.TwowayTn, 1 - positive) * o.TwowayTn
                + LogSumExp(-x / o.TwowayTp, positive) * o.TwowayTp;
            var counts = positive.ReduceMax([-1], keepDims: false);
            return (margin.Softplus() * counts).ReduceSum(keepDims: false) / counts.ReduceSum(keepDims: false).Max(1);
        }
    }

    /// <summary>Every label above zero, every other class below (arXiv:2208.02955).</summary>
    public static Value Zlpr(Value logits, Value targets)
    {
        var positive = targets.Greater(0.5).Cast(logits.Type);
        return (Beyond(logits, 1 - positive) + Beyond(-logits, positive)).ReduceMean(keepDims: false);
    }

    /// <summary>
    /// Binary cross entropy whose classes are weighted by how rare they are, and which forgives negatives early
    /// (arXiv:2007.09654).
    /// </summary>
    public static Classification.Measure DistributionBalanced(LossOptions o)
    {
        double[] counts = [.. o.ClassCounts!.Select(n => Math.Clamp(n, 1.0, o.NumSamples!.Value - 1))];
        var (scale, gamma) = (o.DbNegScale, o.DbFocalGamma);
        return (logits, targets) =>
        {
            var shares = LossWeights.Row(logits, [.. counts.Select(n => 1 / n)]);
            var share = shares / (targets * shares).ReduceSum([-1]).Max(Losses.Tiny);
            var weight = ((share - 0.2) * 10).Sigmoid() + 0.1;
            var z = logits - LossWeights.Row(logits,
                [.. counts.Select(n => Math.Log(o.NumSamples!.Value / n - 1) * o.DbInitBias / scale)]);
            var (positive, negative) = ((-z).Softplus(), (z * scale).Softplus() / scale);
            if (gamma > 0)
                (positive, negative) = (positive * Focus(-z), negative * Focus(z * scale));
            var y = Smooth(targets, o);
            return (weight * (y * positive + (1 - y) * negative)).ReduceMean(keepDims: false);
        };

        Value Focus(Value x) => Losses.Power(x.Sigmoid(), x.Graph.Scalar(gamma)) * 2;
    }

    static Classification.Measure Smoothed(LossOptions o, Classification.Measure loss) =>
        (logits, targets) => loss(logits, Smooth(targets, o));

    /// <summary>Moves hard targets towards a half; mixing has smoothed its own.</summary>
    static Value Smooth(Value targets, LossOptions o) => o.Smoothing == 0 || o.SoftTargets ? targets
        : targets * (1 - o.Smoothing) + o.Smoothing / 2;

    /// <summary>The logarithm of the sum of exponentials of what a mask leaves, along the last axis.</summary>
    static Value LogSumExp(Value x, Value mask)
    {
        var masked = x * mask + (1 - mask) * Masked;
        // Any element that is left, less the logarithm of its softmax: here their mean.
        var count = mask.ReduceSum([-1], keepDims: false);
        var sum = (mask * (masked - masked.LogSoftmax())).ReduceSum([-1], keepDims: false) / count.Max(1);
        return sum + (1 - count.Min(1)) * Masked;
    }

    /// <summary>log(1 + the sum of exponentials of what a mask leaves), along the last axis.</summary>
    static Value Beyond(Value x, Value mask)
    {
        Value[] all = [x.Slice(1, 0, 1) * 0, x * mask + (1 - mask) * Masked];
        return -all.Concat(1).LogSoftmax().Slice(1, 0, 1).Squeeze(1);
    }
}
