namespace OnnxTimm.Infer;

/// <summary>How right a model is where an image may have several labels; all but the loss in percent.</summary>
/// <param name="Loss">Mean binary cross entropy over images and classes.</param>
/// <param name="Map">Average precision, the mean over classes; a class without an image counts as 0.</param>
/// <param name="MicroF1">F1 over all classes and images together.</param>
/// <param name="MacroF1">The mean of the F1 of the classes.</param>
/// <param name="SampleF1">The mean of the F1 of the images.</param>
public sealed record LabelMetrics(double Loss, double Map, double MicroF1, double MacroF1, double SampleF1)
{
    /// <summary>Names and values, as timm's.</summary>
    public IReadOnlyList<(string Name, double Value)> Named() =>
        [("loss", Loss), ("map", Map), ("micro_f1", MicroF1), ("macro_f1", MacroF1), ("sample_f1", SampleF1)];
}

/// <summary>How right a model is about a class where an image may have several; F1 and precision in percent.</summary>
/// <param name="Images">Images that have the class.</param>
/// <param name="Said">Images that it was said of.</param>
/// <param name="Right">Images that have it and that it was said of.</param>
/// <param name="F1">2 * right / (images + said); 0 where both are 0.</param>
/// <param name="Precision">Average precision; 0 where no image has it.</param>
public sealed record LabelClass(int Images, int Said, int Right, double F1, double Precision);

/// <summary>
/// Collects what a model says of images that may have several labels, and measures it at the end: precision needs all
/// scores at once. Images may come from many threads in any order. Rules of timm 1.0.31.
/// </summary>
/// <param name="classes">Classes of the model.</param>
/// <param name="threshold">The probability from which on a class counts as said.</param>
public sealed class LabelScores(int classes, double threshold = 0.5)
{
    /// <summary>From which on a soft target counts as a label.</summary>
    const float Half = 0.5f;

    readonly Lock gate = new();
    readonly SortedDictionary<int, (float[] Logits, float[] Targets)> images = [];

    /// <summary>Images so far.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return images.Count;
        }
    }

    /// <summary>Takes an image.</summary>
    /// <param name="index">Its number, once each.</param>
    /// <param name="logits">One a class.</param>
    /// <param name="targets">A value for each class of the data, which may be fewer.</param>
    /// <returns>Images so far.</returns>
    public int Add(int index, ReadOnlySpan<float> logits, ReadOnlySpan<float> targets)
    {
        var row = new float[classes];
        targets.CopyTo(row);
        lock (gate)
        {
            images.Add(index, (logits.ToArray(), row));
            return images.Count;
        }
    }

    /// <summary>Mean binary cross entropy of an image, of sigmoid(logits).</summary>
    public static double CrossEntropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets)
    {
        var sum = 0.0;
        for (var c = 0; c < logits.Length; c++)
        {
            double x = logits[c], y = c < targets.Length ? targets[c] : 0;
            sum += Math.Max(x, 0) - x * y + Math.Log(1 + Math.Exp(-Math.Abs(x)));
        }
        return sum / logits.Length;
    }

    /// <summary>How right it is about each class, in their order, over all images so far.</summary>
    public IReadOnlyList<LabelClass> ByClass()
    {
        (float[] Logits, float[] Targets)[] all = [.. images.Values];
        return [.. Enumerable.Range(0, classes).Select(c =>
        {
            var hits = all.Select(i => Hit(i.Logits[c], i.Targets[c])).Aggregate(new Hits(), (a, b) => a + b);
            return new LabelClass(hits.True, hits.Said, hits.Right, 100 * hits.F1, 100 * Precision(all, c));
        })];
    }

    /// <summary>The metrics of all images so far.</summary>
    public LabelMetrics Measure()
    {
        (float[] Logits, float[] Targets)[] all = [.. images.Values];
        var loss = all.Select(i => CrossEntropy(i.Logits, i.Targets)).DefaultIfEmpty(0).Average();
        var (perClass, perImage) = (new Hits[classes], new Hits[all.Length]);
        foreach (var (i, (logits, targets)) in all.Index())
            for (var c = 0; c < classes; c++)
            {
                var hits = Hit(logits[c], targets[c]);
                perClass[c] += hits;
                perImage[i] += hits;
            }
        return new(loss, Mean(Enumerable.Range(0, classes).Select(c => Precision(all, c))),
            100 * perClass.Aggregate(new Hits(), (a, b) => a + b).F1,
            Mean(perClass.Select(h => h.F1)), Mean(perImage.Select(h => h.F1)));
    }

    Hits Hit(float logit, float target) => new(1 / (1 + Math.Exp(-logit)) >= threshold, target >= Half);

    static double Mean(IEnumerable<double> parts) => 100 * parts.DefaultIfEmpty(0).Average();

    /// <summary>
    /// Average precision without interpolation: the sum over thresholds of precision times the step of recall; equal
    /// scores are one threshold.
    /// </summary>
    static double Precision((float[] Logits, float[] Targets)[] all, int label)
    {
        float[] scores = [.. all.Select(i => -i.Logits[label])];
        bool[] isLabel = [.. all.Select(i => i.Targets[label] >= Half)];
        Array.Sort(scores, isLabel);
        var (total, found, sum) = (isLabel.Count(on => on), 0, 0.0);
        for (int i = 0, end; i < scores.Length; i = end)
        {
            var before = found;
            for (end = i; end < scores.Length && scores[end].Equals(scores[i]); end++)
                found += isLabel[end] ? 1 : 0;
            sum += (double)(found - before) * found / end;
        }
        return total == 0 ? 0 : sum / total;
    }

    /// <summary>Classes that were said and are right, that were said, and that are.</summary>
    readonly record struct Hits(int Right, int Said, int True)
    {
        public Hits(bool isSaid, bool isTrue)
            : this(isSaid && isTrue ? 1 : 0, isSaid ? 1 : 0, isTrue ? 1 : 0)
        {
        }

        public double F1 => Said + True == 0 ? 0 : 2.0 * Right / (Said + True);

        public static Hits operator +(Hits a, Hits b) => new(a.Right + b.Right, a.Said + b.Said, a.True + b.True);
    }
}
