namespace OnnxTimm.Deploy;

/// <summary>
/// Finds what has to stay in float for a network to lose no more than is allowed: layers in the order of the error that
/// goes with each when it alone stays in float, as many as it takes.
/// </summary>
/// <param name="quantization">The network.</param>
/// <param name="images">Images that it was not measured on.</param>
/// <param name="percent">What may be lost, in percent of the images.</param>
/// <param name="note">Takes a line on each step.</param>
public sealed class Budget(
    Quantization quantization, JudgingImages images, double percent, Action<string> note)
{
    /// <summary>Images on which the error of a layer is measured.</summary>
    const int Sample = 16;

    readonly float[]?[] truth = images.Logits(quantization.Float, null);

    /// <summary>What stays in float, and the judgement on that.</summary>
    /// <param name="Spared">Names of nodes.</param>
    /// <param name="Judgement">How the network does with them.</param>
    public sealed record Result(IReadOnlySet<string> Spared, Judgement Judgement);

    /// <summary>Finds the fewest layers of the order that keep the budget.</summary>
    /// <exception cref="UserException">There are none but all, or no image to judge on.</exception>
    public Result Find()
    {
        var whole = Try(0, []);
        if (whole.Judgement.Loss <= percent)
            return whole;
        var (order, best) = (Order(), (Result?)null);
        for (var (low, high) = (0, order.Length); high - low > 1;)
        {
            var count = (low + high) / 2;
            var result = Try(count, order);
            if (result.Judgement.Loss <= percent)
                (high, best) = (count, result);
            else
                low = count;
        }
        return best ?? throw new UserException($"The budget of {percent} % cannot be kept: too much is lost with all "
            + "but one layer in float.");
    }

    Result Try(int count, string[] order)
    {
        var spared = order.Take(count).ToHashSet();
        var judgement = images.Compare(truth, images.Logits(quantization.Write(spared), JudgingImages.AsWritten));
        if (judgement.Count == 0)
            throw new UserException("--budget: no image is left to judge on; give more, or --data-dir.");
        note($"layers in float: {count}; {judgement.Loss:F2} % lost, of {judgement.Count} images "
            + $"{judgement.Same} have the class of float32");
        return new(spared, judgement);
    }

    /// <summary>Layers, the one first without whose codes the error is least.</summary>
    string[] Order()
    {
        int[] first = [.. Enumerable.Range(0, Math.Min(Sample, truth.Length))];
        var sample = images with { Data = new Data.Subset(images.Data, first) };
        string[] layers = [.. quantization.Place(new HashSet<string>()).Nodes
            .Where(n => n.Op is "Conv" or "Gemm" or "MatMul").Select(n => n.Name)];
        note($"measuring what each of {Amount.Of(layers.Length, "layer")} costs");
        return [.. layers.Select(name => (Name: name, Error: Error(sample.Logits(
            quantization.Write(new HashSet<string> { name }), JudgingImages.AsWritten))))
            .OrderBy(layer => layer.Error).Select(layer => layer.Name)];
    }

    /// <summary>The sum of square errors of logits.</summary>
    double Error(float[]?[] logits) => logits.Zip(truth).Sum(pair => pair is ({ } a, { } b)
        ? a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum() : 0);
}
