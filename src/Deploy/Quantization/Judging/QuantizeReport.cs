using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Deploy;

/// <summary>A tensor or a weight with its distance from its error.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Decibels">Signal over error; null where there is no error at all.</param>
public sealed record QualityRow(string Name, double? Decibels);

/// <summary>What became of a network, and what that is good for on this machine.</summary>
public sealed record QuantizeReport
{
    /// <summary>The network.</summary>
    public required string Model { get; init; }

    /// <summary>The recipe's name, why it was taken, and the method of ranges.</summary>
    public required string Recipe { get; init; }

    /// <inheritdoc cref="Quantization.Why"/>
    public required string Why { get; init; }

    /// <summary>How ranges follow from what was measured.</summary>
    public required string Method { get; init; }

    /// <summary>Layers that the budget left in float.</summary>
    public required IReadOnlyList<string> Spared { get; init; }

    /// <summary>Bytes of the file in float32, and with codes.</summary>
    public required long BytesBefore { get; init; }

    /// <inheritdoc cref="BytesBefore"/>
    public required long BytesAfter { get; init; }

    /// <summary>Agreement and accuracy by the arithmetic of the file; null without images.</summary>
    public Judgement? AsWritten { get; init; }

    /// <summary>The same by the kernels of this processor.</summary>
    public Judgement? OnThisProcessor { get; init; }

    /// <summary>What this processor has for 8-bit products.</summary>
    public IReadOnlyList<string> Instructions { get; init; } = Processor.Instructions;

    /// <summary>Speeds of both files, with one thread and with all cores.</summary>
    public required IReadOnlyList<Speed> Speeds { get; init; }

    /// <summary>What the runtime makes of the network in float32.</summary>
    public required RuntimeGraph GraphBefore { get; init; }

    /// <summary>What it makes of that with codes.</summary>
    public required RuntimeGraph GraphAfter { get; init; }

    /// <summary>Tensors by their order in the network.</summary>
    public IReadOnlyList<QualityRow> Tensors { get; init; } = [];

    /// <summary>Weights by their order in the network.</summary>
    public required IReadOnlyList<QualityRow> Weights { get; init; }

    /// <summary>What to make of it, a sentence each.</summary>
    public IReadOnlyList<string> Verdict => [.. Sentences()];

    /// <summary>Looks at both networks; takes some seconds.</summary>
    /// <param name="quantization">How the network was quantized.</param>
    /// <param name="graph">The network with its codes.</param>
    /// <param name="spared">Layers that a budget left in float.</param>
    /// <param name="images">Images to judge it on; null for none.</param>
    public static QuantizeReport Of(
        Quantization quantization, Graph graph, IReadOnlySet<string> spared, JudgingImages? images)
    {
        var before = quantization.Float;
        var float32 = images?.Logits(before, null);
        Judgement? Judged(IReadOnlyDictionary<string, string>? settings) =>
            images?.Compare(float32!, images.Logits(graph, settings));
        return new()
        {
            Model = before.Name,
            Recipe = quantization.Recipe.Name,
            Why = quantization.Why,
            Method = quantization.Method.Name,
            Spared = [.. spared.Order(StringComparer.Ordinal)],
            BytesBefore = OnnxFile.ToBytes(before).Length,
            BytesAfter = OnnxFile.ToBytes(graph).Length,
            AsWritten = Judged(JudgingImages.AsWritten),
            OnThisProcessor = Judged(null),
            Speeds = [.. new[] { 1, Environment.ProcessorCount }.Distinct().Select(t => Speed.Of(before, graph, t))],
            GraphBefore = RuntimeGraph.Of(before),
            GraphAfter = RuntimeGraph.Of(graph),
            Tensors = images is null ? []
                : [.. TensorQuality.Of(before, graph, images).Select(t => Row(t.Name, t.Decibels))],
            Weights = [.. quantization.Weights.Select(w => Row(w.Key, w.Value))],
        };
    }

    static QualityRow Row(string name, double decibels) =>
        new(name, double.IsFinite(decibels) ? Math.Round(decibels, 2) : null);

    IEnumerable<string> Sentences()
    {
        if (Speeds.All(s => s.Factor < 1))
            yield return "Not worth it here: the file with codes is slower on this machine.";
        else if (Speeds.Any(s => s.Factor < 1))
            yield return "Not worth it here with so many threads of a call: "
                + $"{string.Join(", ", Speeds.Where(s => s.Factor < 1).Select(s => s.Threads))}.";
        if (Processor.Saturates && !Recipe.StartsWith("x64-avx2", StringComparison.Ordinal)
            && !Recipe.StartsWith("weights", StringComparison.Ordinal))
            yield return "This processor has no dot-product instructions (VNNI): its kernels add products in 16 bits, "
                + "which overflow with weights of 8 bits. For such processors there are the recipes x64-avx2 and "
                + "x64-avx2-vit.";
        if (GraphAfter.LeftOver > 0)
            yield return $"{GraphAfter.LeftOver} QuantizeLinear and DequantizeLinear nodes stay between operators in "
                + "float.";
    }
}
