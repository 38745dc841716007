using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>What a model said of each image of a data set; takes them from many threads in any order.</summary>
/// <param name="images">Images of the data set.</param>
/// <param name="classes">The name of each class; one without a name is called by its number.</param>
public sealed class JudgedImages(int images, IReadOnlyList<string> classes)
{
    readonly Verdict?[] verdicts = new Verdict?[images];

    /// <summary>Images that were judged.</summary>
    public int Count => All.Count();

    /// <summary>Per cent of them whose class was said.</summary>
    public double Top1 => 100.0 * All.Count(v => v.IsRight) / Math.Max(1, Count);

    /// <summary>In the order of the data.</summary>
    public IEnumerable<Verdict> All => verdicts.OfType<Verdict>();

    /// <summary>Adds an image.</summary>
    /// <param name="index">Its place in the data set.</param>
    /// <param name="logits">One a class.</param>
    /// <param name="label">Its class.</param>
    /// <param name="real">The classes any of which is right; null only the label.</param>
    public void Add(int index, ReadOnlySpan<float> logits, int label, IReadOnlyList<int>? real = null)
    {
        if (real is { Count: 0 })
            return;
        var top = Logits.Top(logits, Math.Min(2, logits.Length));
        var truth = Truth(top.Index[0], label, real);
        var score = ImageScore.Of(logits, truth);
        // What is no number comes first and is never right: then the class behind it was said.
        var place = !score.IsFirst && top.Index[0] == truth ? top.Index.Length - 1 : 0;
        verdicts[index] = new(index, truth, score.IsFirst ? truth : top.Index[place], top.Prob[place],
            double.IsNaN(score.Loss) ? double.PositiveInfinity : score.Loss);
    }

    static int Truth(int said, int label, IReadOnlyList<int>? real) =>
        real is null || (real.Contains(label) && !real.Contains(said)) ? label : real.Contains(said) ? said : real[0];

    /// <summary>The classes that images have, the least often right first.</summary>
    public IReadOnlyList<ClassAccuracy> ByClass() =>
    [
        .. All.GroupBy(v => v.Label)
            .Select(g => new ClassAccuracy(Name(g.Key), g.Count(), g.Count(v => v.IsRight)))
            .OrderBy(c => (double)c.Right / c.Images).ThenBy(c => c.Name, StringComparer.Ordinal),
    ];

    /// <summary>How often each class was taken for each other, the most frequent first.</summary>
    public IReadOnlyList<(int Label, int Said, int Images)> Confusions() =>
    [
        .. All.Where(v => !v.IsRight).GroupBy(v => (v.Label, v.Said))
            .Select(g => (g.Key.Label, g.Key.Said, g.Count()))
            .OrderByDescending(c => c.Item3).ThenBy(c => c.Label).ThenBy(c => c.Said),
    ];

    /// <summary>The classes that images have or were taken for, in order.</summary>
    public IReadOnlyList<int> Occurring() => [.. All.SelectMany(v => (int[])[v.Label, v.Said]).Distinct().Order()];

    /// <summary>The mistakes that cost most, the worst first.</summary>
    public IReadOnlyList<Verdict> Worst(int most) =>
        [.. All.Where(v => !v.IsRight).OrderByDescending(v => v.Loss).ThenBy(v => v.Index).Take(most)];

    /// <summary>What a class is called.</summary>
    public string Name(int label) =>
        label < classes.Count && classes[label].Length > 0 ? classes[label] : $"class {label}";
}

/// <summary>What a model said of an image.</summary>
/// <param name="Index">Its place in the data set.</param>
/// <param name="Label">Its class.</param>
/// <param name="Said">The class with the highest score.</param>
/// <param name="Probability">That class's probability.</param>
/// <param name="Loss">Cross entropy of its own class.</param>
public sealed record Verdict(int Index, int Label, int Said, float Probability, double Loss)
{
    /// <summary>Whether it is right.</summary>
    public bool IsRight => Label == Said;
}

/// <summary>How often images of a class were right.</summary>
/// <param name="Name">The class.</param>
/// <param name="Images">Its images.</param>
/// <param name="Right">Those that were right.</param>
public sealed record ClassAccuracy(string Name, int Images, int Right);
