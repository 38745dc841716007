using System.Numerics.Tensors;

namespace OnnxTimm;

/// <summary>Comparing features of images.</summary>
public static class Vectors
{
    /// <summary>
    /// The cosine of the angle between two vectors: 1 for the same direction, 0 for nothing in common, NaN where one is
    /// all zeros.
    /// </summary>
    /// <param name="a">Features of an image, as <see cref="Classifier.Embed(string)"/> gives them.</param>
    /// <param name="b">Those of another, by the same model.</param>
    /// <exception cref="UserException">They have another number of values.</exception>
    /// <example>
    /// <code>
    /// var alike = Vectors.Cosine(model.Embed("a.jpg"), model.Embed("b.jpg"));
    /// </code>
    /// </example>
    public static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        a.Length == b.Length && a.Length > 0 ? Math.Clamp(TensorPrimitives.CosineSimilarity(a, b), -1, 1)
            : throw new UserException($"Vectors of {a.Length} and of {b.Length} values have no angle: both have to "
                + "come from one model.");
}
