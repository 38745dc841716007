namespace OnnxTimm;

/// <summary>How many there are of a thing, as sentences say it.</summary>
public static class Amount
{
    /// <summary>A number with its thing: "1 image", "2 images", "3 classes".</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">What one of them is called.</param>
    public static string Of(long count, string one) => count == 1 ? $"1 {one}"
        : $"{count} {one}{(one.EndsWith('s') || one.EndsWith("tch", StringComparison.Ordinal) ? "es" : "s")}";
}
