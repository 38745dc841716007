using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Deploy;

/// <summary>How often two networks name the same class, and the right one.</summary>
/// <param name="Count">Images.</param>
/// <param name="Same">Images of which both name the same class.</param>
/// <param name="RightBefore">Images of which the first names the right class; null without labels.</param>
/// <param name="RightAfter">The same for the second.</param>
public sealed record Judgement(int Count, int Same, int? RightBefore, int? RightAfter)
{
    /// <summary>What is lost, in percent of the images: of right ones where that is known, else of agreement.</summary>
    public double Loss => 100.0 * (RightBefore - RightAfter ?? Count - Same) / Math.Max(1, Count);
}

/// <summary>Images that networks are judged on.</summary>
/// <param name="Data">The images.</param>
/// <param name="Config">How an image becomes the input.</param>
/// <param name="Workers">Threads that decode and compute.</param>
/// <param name="Truth">The right output of each image; null where that is not known.</param>
public sealed record JudgingImages(IDataset Data, DataConfig Config, int Workers, IReadOnlyList<int>? Truth)
{
    /// <summary>
    /// Settings of the runtime by which a file is computed as it is written: its own kernels differ from processor to
    /// processor, and those without dot-product instructions saturate.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> AsWritten =
        new Dictionary<string, string> { { "session.disable_quant_qdq", "1" } };

    /// <summary>The logits of each image; null for one that cannot be read.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="settings">Settings of the runtime; null for its own kernels.</param>
    /// <exception cref="UserException">The network does not classify.</exception>
    public float[]?[] Logits(Graph graph, IReadOnlyDictionary<string, string>? settings)
    {
        using var session = Session.Load(OnnxFile.ToBytes(graph), graph.Name,
            new() { Threads = 1, Spin = false, Config = settings ?? new Dictionary<string, string>() });
        var batch = session.Inputs[0].Shape[0] is { IsFixed: true } size ? (int)size.Size : 1;
        var logits = new float[]?[Data.Count];
        new ImageRunner(session, Config, Data, batch)
            .Run(Workers, (i, row) => logits[i] = row.ToArray(), (_, _) => { });
        return logits;
    }

    /// <summary>Compares what two networks give.</summary>
    public Judgement Compare(float[]?[] before, float[]?[] after)
    {
        int[] images = [.. Enumerable.Range(0, Data.Count).Where(i => before[i] is not null && after[i] is not null)];
        int? Right(float[]?[] logits) => Truth is null ? null : images.Count(i => Top(logits[i]!) == Truth[i]);
        return new(images.Length, images.Count(i => Top(before[i]!) == Top(after[i]!)), Right(before), Right(after));
    }

    static int Top(float[] logits) => Infer.Logits.Top(logits, 1).Index[0];
}
