using System.Numerics.Tensors;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Soft targets: rows of class weights, made on the host.</summary>
public static class Targets
{
    /// <summary>
    /// Label smoothing (arXiv:1512.00567): each class has smoothing / classes, the label the rest as well.
    /// </summary>
    /// <param name="labels">Class of each image.</param>
    /// <param name="smoothing">Share that is spread over all classes.</param>
    /// <param name="to">[N, classes].</param>
    public static void Smooth(ReadOnlySpan<long> labels, double smoothing, Span<float> to)
    {
        var classes = to.Length / labels.Length;
        to.Fill((float)(smoothing / classes));
        for (var i = 0; i < labels.Length; i++)
            to[i * classes + (int)labels[i]] = (float)(1 - smoothing + smoothing / classes);
    }

    /// <summary>The targets of images that are mixed: each row in its share, its partner's row in the rest.</summary>
    /// <param name="labels">Class of each image.</param>
    /// <param name="partners">What each of the first N is mixed with; empty where nothing was mixed.</param>
    /// <param name="smoothing">Share that is spread over all classes.</param>
    /// <param name="to">[N, classes].</param>
    public static void Fill(
        ReadOnlySpan<long> labels, ReadOnlySpan<Partner> partners, double smoothing, Span<float> to)
    {
        var rows = Rows(labels.Length, partners, to);
        Smooth(labels, smoothing, rows);
        Mix(rows, partners, to);
    }

    /// <summary>The targets of images that may have several labels: smoothed towards a half, then mixed.</summary>
    /// <param name="values">[images, classes of the data], from 0 to 1.</param>
    /// <param name="partners">What each of the first N is mixed with; empty where nothing was mixed.</param>
    /// <param name="count">Images.</param>
    /// <param name="smoothing">How far; 0 where the loss does it.</param>
    /// <param name="to">[N, classes of the network]; those that the data do not have are off.</param>
    public static void FillSeveral(ReadOnlySpan<float> values, ReadOnlySpan<Partner> partners, int count,
        double smoothing, Span<float> to)
    {
        var rows = Rows(count, partners, to);
        var (given, classes) = (values.Length / count, rows.Length / count);
        rows.Clear();
        for (var i = 0; i < count; i++)
            values.Slice(i * given, given).CopyTo(rows[(i * classes)..]);
        if (smoothing > 0)
            foreach (ref var y in rows)
                y = (float)(y * (1 - smoothing) + smoothing / 2);
        Mix(rows, partners, to);
    }

    /// <summary>Where the rows of all images go before they are mixed: of half a batch there are more than targets.
    /// </summary>
    static Span<float> Rows(int count, ReadOnlySpan<Partner> partners, Span<float> to) =>
        partners.IsEmpty ? to : new float[to.Length / partners.Length * count];

    static void Mix(ReadOnlySpan<float> rows, ReadOnlySpan<Partner> partners, Span<float> to)
    {
        for (var i = 0; i < partners.Length; i++)
        {
            var (other, share) = partners[i];
            var classes = to.Length / partners.Length;
            var row = to.Slice(i * classes, classes);
            TensorPrimitives.Multiply(rows.Slice(i * classes, classes), share, row);
            TensorPrimitives.MultiplyAdd(rows.Slice(other * classes, classes), 1 - share, row, row);
        }
    }
}
