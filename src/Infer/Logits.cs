namespace OnnxTimm.Infer;

/// <summary>The classes of one image that score highest, best first.</summary>
/// <param name="Index">Class indices.</param>
/// <param name="Logit">Their scores.</param>
/// <param name="Prob">Their probabilities: softmax over all classes, or sigmoid where several may hold.</param>
public sealed record TopClasses(int[] Index, float[] Logit, float[] Prob);

/// <summary>What is read out of a row of scores, one a class.</summary>
public static class Logits
{
    /// <summary>
    /// The k best classes; among equal scores the lower index comes first. What is no number is above all numbers, as
    /// in PyTorch's topk, so that it is seen.
    /// </summary>
    /// <param name="logits">Scores of all classes.</param>
    /// <param name="k">How many are wanted.</param>
    /// <param name="isMultiLabel">Whether several classes, or none, may hold of an image.</param>
    public static TopClasses Top(ReadOnlySpan<float> logits, int k, bool isMultiLabel = false)
    {
        k = Math.Min(k, logits.Length);
        var (index, logit, prob) = (new int[k], new float[k], new float[k]);
        Top(logits, index, prob, isMultiLabel);
        for (var i = 0; i < k; i++)
            logit[i] = logits[index[i]];
        return new(index, logit, prob);
    }

    /// <summary>The same into memory of the caller's.</summary>
    /// <param name="logits">Scores of all classes.</param>
    /// <param name="index">Takes as many classes as it has room for, which are no more than there are.</param>
    /// <param name="prob">Takes their probabilities.</param>
    /// <param name="isMultiLabel">Whether several classes, or none, may hold of an image.</param>
    public static void Top(ReadOnlySpan<float> logits, Span<int> index, Span<float> prob, bool isMultiLabel = false)
    {
        for (var i = 0; i < logits.Length; i++)
            Insert(logits, index, Math.Min(i, index.Length), i);
        var total = LogSum(logits);
        for (var i = 0; i < index.Length; i++)
            prob[i] = (float)(isMultiLabel ? 1 / (1 + Math.Exp(-logits[index[i]]))
                : Math.Exp(logits[index[i]] - total));
    }

    /// <summary>
    /// How many classes score higher than one, or as high with a lower index; more than there are for a score that is
    /// no number, which is never right. Of the others such a score is the highest, as in PyTorch's topk.
    /// </summary>
    public static int Rank(ReadOnlySpan<float> logits, int label)
    {
        if (float.IsNaN(logits[label]))
            return int.MaxValue;
        var rank = 0;
        for (var i = 0; i < logits.Length; i++)
            if (IsAbove(logits[i], logits[label]) || (logits[i] == logits[label] && i < label))
                rank++;
        return rank;
    }

    /// <summary>-log softmax of one class.</summary>
    public static double CrossEntropy(ReadOnlySpan<float> logits, int label) => LogSum(logits) - logits[label];

    static double LogSum(ReadOnlySpan<float> logits)
    {
        var max = float.NegativeInfinity;
        foreach (var x in logits)
            max = Math.Max(max, x);
        var sum = 0.0;
        foreach (var x in logits)
            sum += Math.Exp(x - max);
        return max + Math.Log(sum);
    }

    static bool IsAbove(float a, float b) => a > b || (float.IsNaN(a) && !float.IsNaN(b));

    /// <summary>Puts class i among the <paramref name="known"/> best so far, if it belongs there.</summary>
    static void Insert(ReadOnlySpan<float> logits, Span<int> best, int known, int i)
    {
        var place = known;
        while (place > 0 && IsAbove(logits[i], logits[best[place - 1]]))
            place--;
        if (place == best.Length)
            return;
        best[place..Math.Min(known, best.Length - 1)].CopyTo(best[(place + 1)..]);
        best[place] = i;
    }
}
