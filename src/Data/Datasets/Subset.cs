using System.Security.Cryptography;
using System.Text;

namespace OnnxTimm.Data;

/// <summary>Some images of a data set, in its order and with its labels.</summary>
/// <param name="whole">The data set, which is disposed with it.</param>
/// <param name="indices">Which images.</param>
public sealed class Subset(IDataset whole, IReadOnlyList<int> indices) : IDataset
{
    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <summary>Those of the whole, also where a class has no image here.</summary>
    public IReadOnlyList<string> Classes => whole.Classes;

    /// <inheritdoc/>
    public IReadOnlyList<string> Remarks { get; init; } = whole.Remarks;

    /// <inheritdoc/>
    public IReadOnlyList<int> Shards { get; } = Kept(whole.Shards, indices);

    /// <inheritdoc/>
    public bool IsMultiLabel => whole.IsMultiLabel;

    /// <inheritdoc/>
    public int Label(int index) => whole.Label(indices[index]);

    /// <inheritdoc/>
    public void Targets(int index, Span<float> to) => whole.Targets(indices[index], to);

    /// <inheritdoc/>
    public string Name(int index) => whole.Name(indices[index]);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => whole.Read(indices[index], buffer);

    /// <inheritdoc/>
    public Image? Pixels(int index) => whole.Pixels(indices[index]);

    /// <summary>
    /// The first images of a data set; where they are not of all its classes, that is among the remarks, since the
    /// images of a folder are in the order of their classes.
    /// </summary>
    /// <param name="data">The data set.</param>
    /// <param name="count">How many, at most as many as it has.</param>
    public static Subset First(IDataset data, int count)
    {
        var labels = data.IsMultiLabel ? 0 : Enumerable.Range(0, count).Select(data.Label).Distinct().Count();
        var all = data.IsMultiLabel ? 0 : Enumerable.Range(0, data.Count).Select(data.Label).Distinct().Count();
        return new(data, [.. Enumerable.Range(0, count)])
        {
            Remarks = labels == all ? data.Remarks : [.. data.Remarks,
                $"The first {Amount.Of(count, "image")} of {data.Count} are of {labels} of the {all} classes."],
        };
    }

    /// <summary>How many of each shard are kept; none where the images are not in the shards' order.</summary>
    static int[] Kept(IReadOnlyList<int> shards, IReadOnlyList<int> indices)
    {
        var kept = new int[shards.Count];
        var (shard, end) = (0, shards.Count == 0 ? 0 : shards[0]);
        var before = -1;
        foreach (var index in shards.Count == 0 ? [] : indices)
        {
            if (index <= before)
                return [];
            before = index;
            while (index >= end && shard < shards.Count - 1)
                end += shards[++shard];
            kept[shard]++;
        }
        return kept;
    }

    /// <summary>Closes the whole data set.</summary>
    public void Dispose() => whole.Dispose();

    /// <summary>
    /// A share of each class and the others, by the hashes of the images' names: the same files in whatever order they
    /// come. A class of several images has at least one on both sides; a single one stays with the others.
    /// </summary>
    /// <param name="data">The data set.</param>
    /// <param name="share">From 0 to 1.</param>
    /// <returns>Indices, ascending.</returns>
    public static (int[] Share, int[] Others) Split(IDataset data, double share)
    {
        int[] all = [.. Enumerable.Range(0, data.Count)];
        var chosen = all.GroupBy(data.Label).SelectMany(sameClass => sameClass
            .OrderBy(i => Hash(data.Name(i)), StringComparer.Ordinal)
            .Take(Part(sameClass.Count(), share))).ToHashSet();
        return ([.. all.Where(chosen.Contains)], [.. all.Where(i => !chosen.Contains(i))]);
    }

    static int Part(int count, double share) => Math.Min(count - 1, Math.Max(1, (int)Math.Round(share * count)));

    static string Hash(string name) => System.Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
