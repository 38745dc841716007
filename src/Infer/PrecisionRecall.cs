namespace OnnxTimm.Infer;

/// <summary>
/// Precision, recall and F1 of predicted classes, averaged over classes (scikit-learn's, which timm takes); what would
/// be divided by nothing is 0. It takes images from many threads.
/// </summary>
public sealed class PrecisionRecall
{
    /// <summary>
    /// The ways to average: over all images; the mean of the classes that occur or are predicted; their mean by how
    /// often they occur.
    /// </summary>
    public static readonly IReadOnlyList<string> Averages = ["micro", "macro", "weighted"];

    readonly Lock gate = new();
    readonly Dictionary<int, (int Right, int Said, int True)> classes = [];
    readonly string average;

    /// <param name="average">One of <see cref="Averages"/>.</param>
    /// <exception cref="UserException">There is no such average.</exception>
    public PrecisionRecall(string average) =>
        this.average = Averages.Contains(average) ? average : throw Nearest.Unknown("average", average, Averages);

    /// <summary>Adds an image.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="said">The class that was predicted.</param>
    public void Add(int label, int said)
    {
        lock (gate)
        {
            var (right, saids, trues) = classes.GetValueOrDefault(label);
            classes[label] = (right + (label == said ? 1 : 0), saids, trues + 1);
            (right, saids, trues) = classes.GetValueOrDefault(said);
            classes[said] = (right, saids + 1, trues);
        }
    }

    /// <summary>In per cent, under the names that timm gives them.</summary>
    public IEnumerable<(string Name, double Value)> Measure()
    {
        var rows = average != "micro" ? [.. classes.Values]
            : ((int Right, int Said, int True)[])[classes.Values.Aggregate((0, 0, 0), (a, b) =>
                (a.Item1 + b.Right, a.Item2 + b.Said, a.Item3 + b.True))];
        double Mean(Func<(int Right, int Said, int True), double> of) => 100 * (average == "weighted"
            ? rows.Sum(row => of(row) * row.True) / rows.Sum(row => row.True) : rows.Average(of));
        yield return ($"{average}_precision", Mean(row => Share(row.Right, row.Said)));
        yield return ($"{average}_recall", Mean(row => Share(row.Right, row.True)));
        yield return ($"{average}_f1_score", Mean(row => Share(2 * row.Right, row.Said + row.True)));
    }

    static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
