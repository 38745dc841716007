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
        if (partners.IsEmpty)
        {
            Smooth(labels, smoothing, to);
            return;
        }
        var classes = to.Length / partners.Length;
        var other = new float[classes];
        for (var i = 0; i < partners.Length; i++)
        {
            var share = partners[i].Share;
            var row = to.Slice(i * classes, classes);
            Smooth(labels.Slice(i, 1), smoothing, row);
            Smooth(labels.Slice(partners[i].Index, 1), smoothing, other);
            TensorPrimitives.Multiply(row, share, row);
            TensorPrimitives.MultiplyAdd(other, 1 - share, row, row);
        }
    }
}
