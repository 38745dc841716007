namespace OnnxTimm.Data;

/// <summary>Applies one of several lists of steps (arXiv:1805.09501).</summary>
/// <param name="Policy">The lists, each as likely as the others.</param>
public sealed record AutoAugment(IReadOnlyList<IReadOnlyList<PolicyStep>> Policy) : ITellingAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell) =>
        Policy[random.Integer(0, Policy.Count - 1)]
            .Aggregate(image, (image, step) => step.Apply(image, random, tell));
}

/// <summary>Applies some of several steps (arXiv:1909.13719).</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Layers">How many are drawn for an image.</param>
/// <param name="Weights">
/// How likely each is; then none is drawn twice. Null for all alike, each any number of times.
/// </param>
public sealed record RandAugment(IReadOnlyList<PolicyStep> Steps, int Layers, IReadOnlyList<double>? Weights)
    : ITellingAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell)
    {
        var left = Weights?.ToArray();
        for (var i = 0; i < Layers; i++)
            image = Steps[Draw(left, random)].Apply(image, random, tell);
        return image;
    }

    /// <summary>A step; with weights it is taken out of them.</summary>
    int Draw(double[]? left, CounterRandom random)
    {
        if (left is null)
            return random.Integer(0, Steps.Count - 1);
        var at = random.NextDouble() * left.Sum();
        var index = Array.FindLastIndex(left, weight => weight > 0);
        for (var i = 0; i < index; i++)
            if ((at -= left[i]) < 0 && left[i] > 0)
                index = i;
        left[index] = 0;
        return index;
    }
}
