using System.Globalization;
using System.Text.Json;

namespace OnnxTimm.Train;

/// <summary>How many images of a data set have each class, and how many there are.</summary>
/// <param name="Counts">Images of each class.</param>
/// <param name="Samples">Images.</param>
public sealed record ClassCounts(IReadOnlyList<double> Counts, double Samples)
{
    /// <summary>Reads a JSON file with <c>pos_counts</c> and <c>num_samples</c>.</summary>
    /// <exception cref="UserException">It is no such file.</exception>
    public static ClassCounts Read(string path)
    {
        var root = ClassWeights.Json(path);
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("pos_counts", out var counts)
            && root.TryGetProperty("num_samples", out var samples) && samples.ValueKind == JsonValueKind.Number
            && ClassWeights.Numbers(counts) is { Length: > 0 } numbers && samples.GetDouble() > 0
            ? new(numbers, samples.GetDouble())
            : throw new UserException($"\"{path}\" is no statistics of classes: it must have a list pos_counts of "
                + "numbers that are not negative, and num_samples above 0.");
    }
}

/// <summary>
/// Weights of classes: numbers, a file of them, or a method that makes them from how often the classes occur. Rules of
/// timm 1.0.31.
/// </summary>
public static class ClassWeights
{
    /// <summary>How much of the images before it each further image of a class adds, in effective_num.</summary>
    const double Overlap = 0.999;

    /// <summary>Method, what its weights are, and how they follow from the counts.</summary>
    static readonly (string Name, string Key, Func<ClassCounts, double, double, double[]> Of)[] Methods =
    [
        ("neg_pos",       "pos_weight",   (c, power, _) =>
            [.. Least1(c).Select(n => Math.Pow(Math.Max(c.Samples - n, 0) / n, power))]),
        ("inv_freq",      "class_weight", (c, power, _) =>
            OverMean([.. Least1(c).Select(n => Math.Pow(c.Samples / n, power))])),
        ("effective_num", "class_weight", (c, _, beta) =>
            OverMean([.. Least1(c).Select(n => (1 - beta) / (1 - Math.Pow(beta, n)))])),
    ];

    /// <summary>Weights by a method (arXiv:1901.05555 has the last).</summary>
    /// <param name="method">neg_pos, inv_freq or effective_num.</param>
    /// <param name="counts">How often the classes occur.</param>
    /// <param name="power">Exponent of the first two.</param>
    /// <param name="beta">Overlap of images, for the last.</param>
    /// <param name="most">The largest weight; null for any.</param>
    /// <returns>pos_weight or class_weight, and the weights.</returns>
    public static (string Key, double[] Weights) Of(
        string method, ClassCounts counts, double power = 1, double beta = Overlap, double? most = null)
    {
        var row = Methods.Single(m => m.Name == method);
        return (row.Key, [.. row.Of(counts, power, beta).Select(w => Math.Min(w, most ?? w))]);
    }

    /// <summary>Reads what a flag says: a number, numbers with commas, a file, or a method.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="key">class_weight or pos_weight, by the flag.</param>
    /// <param name="counts">How often the classes occur; null where nobody said.</param>
    /// <exception cref="UserException">It is none of them, or a method of the other kind.</exception>
    public static double[] Parse(string text, string key, Lazy<ClassCounts>? counts)
    {
        var flag = $"--{key.Replace('_', '-')}";
        if (Methods.FirstOrDefault(m => m.Name == text) is (not null, var kind, _))
            return kind != key
                ? throw new UserException($"{flag}: {text} gives {kind}, which is --{kind.Replace('_', '-')}.")
                : counts is null ? throw new UserException($"{flag} {text} needs --class-stats FILE.")
                : Of(text, counts.Value).Weights;
        var weights = File.Exists(text) ? FromFile(text, key) : FromWords(text);
        return weights.Length > 0 && weights.All(w => w is >= 0 and <= NumberRanges.LargestFactor) ? weights
            : throw new UserException($"{flag} takes numbers from 0 to {NumberRanges.LargestFactor}, with commas "
                + "between them, a file of them, or "
                + $"{string.Join(" or ", Methods.Where(m => m.Key == key).Select(m => m.Name))}; not "
                + $"\"{text}\".{Nearest.Hint(text, Methods.Select(m => m.Name))}");
    }

    internal static JsonElement Json(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(Content(path));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new UserException($"\"{path}\" is no JSON file: {e.Message}", e);
        }
    }

    /// <summary>A list of numbers that are not negative; empty for anything else.</summary>
    internal static double[] Numbers(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array
            || list.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.Number || v.GetDouble() < 0))
            return [];
        return [.. list.EnumerateArray().Select(v => v.GetDouble())];
    }

    static string Content(string path) =>
        File.Exists(path) ? RegularFile.ReadText(path) : throw new UserException($"There is no file \"{path}\".");

    static double[] FromFile(string path, string key)
    {
        var text = Content(path);
        if (text.AsSpan().TrimStart() is not ['[' or '{', ..])
            return FromWords(text);
        var root = Json(path);
        return Numbers(root.ValueKind != JsonValueKind.Object ? root
            : root.TryGetProperty(key, out var own) ? own
            : throw new UserException($"\"{path}\" has no key {key}."));
    }

    static double[] FromWords(string text) =>
    [
        .. text.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(word =>
            double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) ? x : double.NaN),
    ];

    static IEnumerable<double> Least1(ClassCounts counts) => counts.Counts.Select(n => Math.Max(n, 1));

    static double[] OverMean(double[] weights)
    {
        var mean = weights.Average();
        return [.. weights.Select(w => w / mean)];
    }
}
