namespace OnnxTimm;

/// <summary>Alignment of two sequences.</summary>
static class Sequences
{
    // Beyond this product of lengths the middle part is taken as wholly different: the table would not fit.
    const long Largest = 25_000_000;

    /// <summary>
    /// The longest common subsequence by a key: pairs in order, with null on the side where an item has no partner.
    /// </summary>
    public static IEnumerable<(T? First, T? Second)> Align<T>(
        IReadOnlyList<T> a, IReadOnlyList<T> b, Func<T, string> key)
        where T : class
    {
        string[] keysA = [.. a.Select(key)], keysB = [.. b.Select(key)];
        var head = keysA.Zip(keysB).TakeWhile(p => p.First == p.Second).Count();
        var rest = Math.Min(a.Count, b.Count) - head;
        var tail = 0;
        while (tail < rest && keysA[^(tail + 1)] == keysB[^(tail + 1)])
            tail++;
        for (var i = 0; i < head; i++)
            yield return (a[i], b[i]);
        foreach (var (i, j) in Middle(keysA.AsMemory()[head..^tail], keysB.AsMemory()[head..^tail]))
            yield return (i < 0 ? null : a[head + i], j < 0 ? null : b[head + j]);
        for (var i = tail; i > 0; i--)
            yield return (a[^i], b[^i]);
    }

    static List<(int, int)> Middle(ReadOnlyMemory<string> first, ReadOnlyMemory<string> second)
    {
        var (a, b, pairs) = (first.ToArray(), second.ToArray(), new List<(int, int)>());
        var longest = (long)a.Length * b.Length <= Largest ? Table(a, b) : null;
        var (i, j) = (0, 0);
        while (i < a.Length || j < b.Length)
            if (longest is not null && i < a.Length && j < b.Length && a[i] == b[j])
                pairs.Add((i++, j++));
            else if (j == b.Length || (i < a.Length && (longest is null || longest[i + 1, j] >= longest[i, j + 1])))
                pairs.Add((i++, -1));
            else
                pairs.Add((-1, j++));
        return pairs;
    }

    /// <summary>Length of the longest common subsequence from each pair of places on.</summary>
    static ushort[,] Table(string[] a, string[] b)
    {
        var table = new ushort[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
            for (var j = b.Length - 1; j >= 0; j--)
                table[i, j] = a[i] == b[j]
                    ? (ushort)(table[i + 1, j + 1] + 1)
                    : Math.Max(table[i + 1, j], table[i, j + 1]);
        return table;
    }
}
