namespace OnnxTimm.Deploy;

/// <summary>
/// Corrects biases by what a layer is fed: the mean of what the errors of its weights add is taken off
/// (arXiv:1906.04721).
/// </summary>
static class BiasCorrection
{
    /// <summary>What the errors of a weight's codes add to each channel, in the mean.</summary>
    public static double[] MeanErrors(float[] weight, WeightCodes coded, Func<int, double> mean)
    {
        var errors = new double[coded.Steps.Length];
        for (var i = 0; i < weight.Length; i++)
            errors[coded.Channel(i)] += (coded.Codes[i] * (double)coded.Steps[coded.Channel(i)] - weight[i]) * mean(i);
        return errors;
    }
}
