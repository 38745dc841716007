using System.Text;
using System.Text.Json;

namespace OnnxTimm.Data;

/// <summary>
/// A WebDataset: images beside their labels in tar shards. The shards are listed once by their headers and then read
/// in place, so that batches do not depend on who reads. Source: timm/data/readers/reader_wds.py.
/// </summary>
sealed class ShardDataset : IDataset
{
    /// <summary>Longest text of a label or of what is said of an image.</summary>
    const int MostText = 1 << 20;

    static readonly string[] UsualKeys = ["jpg", "png", "webp", "jpeg"];

    readonly List<TarFile> shards = [];
    readonly List<(TarFile Shard, TarEntry Image, string Name)> samples = [];
    readonly List<int> counts = [];
    readonly List<string> remarks = [];
    readonly ImageLabels labels;

    ShardDataset(DatasetRequest request)
    {
        var list = ShardList.Of(request.Root, request.Split);
        var keys = request.InputKey is null ? UsualKeys
            : ImageEndings.Parse(request.InputKey).Select(e => e.TrimStart('.')).ToArray();
        var builder = new LabelBuilder(request, list.Label.Length > 0 ? list.Label : "cls", "shards");
        try
        {
            foreach (var path in list.Paths)
                Take(TarFile.Open(path, staysOpen: list.Paths.Count <= TarDataset.MostOpen), keys, builder);
            Limit(list.Samples);
            labels = builder.Build(null, samples.Count);
            if (samples.Count == 0)
                throw new UserException($"No sample in {Amount.Of(list.Paths.Count, "shard")} of {request.Root} has an "
                    + $"image ({string.Join(", ", keys)}) and a label ({string.Join(", ", builder.Keys)})."
                    + string.Concat(remarks.Take(2).Select(r => $" {r}")));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Count => samples.Count;

    public IReadOnlyList<string> Classes => labels.Classes;

    public IReadOnlyList<string> Remarks => remarks;

    public IReadOnlyList<int> Shards => counts;

    public bool IsMultiLabel => labels.AreSeveral;

    public static IDataset Open(DatasetRequest request) => new ShardDataset(request);

    public int Label(int index) => labels.One(index);

    public void Targets(int index, Span<float> to) => labels.Fill(index, to);

    public string Name(int index) => samples[index].Name;

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) =>
        samples[index].Shard.Read(samples[index].Image, buffer);

    public void Dispose() => shards.ForEach(s => s.Dispose());

    void Take(TarFile shard, string[] keys, LabelBuilder builder)
    {
        shards.Add(shard);
        var (before, bare, faults) = (samples.Count, 0, new List<string>());
        // The last sample of a shard that is cut may lack what came after the cut: it is not taken.
        var whole = ShardSample.Of(shard.Entries).SkipLast(shard.Flaw is null ? 0 : 1);
        foreach (var sample in whole)
            if (sample.Part(keys) is not { } image)
                bare++;
            else if (TryLabel(shard, sample, image.Name, builder) is { } fault)
                faults.Add(fault);
            else
                samples.Add((shard, image, $"{Path.GetFileName(shard.Path)}/{image.Name}"));
        counts.Add(samples.Count - before);
        if (shard.Flaw is { } flaw)
            remarks.Add($"{flaw.Message.TrimEnd('.')}; the {samples.Count - before} samples before are taken.");
        if (bare > 0)
            remarks.Add($"Without an image ({string.Join(", ", keys)}): {Amount.Of(bare, "sample")} of {shard.Path}.");
        if (faults.Count > 0)
            remarks.Add($"Left out for want of a label: {Amount.Of(faults.Count, "sample")} of {shard.Path}. The "
                + $"first: {faults[0]}");
    }

    /// <summary>Reads the label of a sample; the message about it where there is none that can be read.</summary>
    static string? TryLabel(TarFile shard, ShardSample sample, string name, LabelBuilder builder)
    {
        try
        {
            using var json = sample.Part(["json"]) is { } entry && builder.Keys.Any(k => !sample.Parts.ContainsKey(k))
                ? JsonDocument.Parse(Text(shard, entry)) : null;
            builder.Add([.. builder.Keys.Select(key => sample.Part([key]) is { } part
                ? LabelValues.Parse(Text(shard, part))
                : LabelValues.Of(json?.RootElement, key)
                    ?? throw new UserException($"it has neither {key} nor a .json with it."))]);
            return null;
        }
        catch (Exception e) when (e is UserException or JsonException)
        {
            return $"{name}: {e.Message}";
        }
    }

    static string Text(TarFile shard, TarEntry entry) => entry.Length <= MostText
        ? Encoding.UTF8.GetString(shard.Read(entry, new()))
        : throw new UserException($"its {entry.Name} has {entry.Length} bytes.");

    /// <summary>Holds what is there against what was said.</summary>
    void Limit(int? announced)
    {
        if (announced is not { } count || count == samples.Count)
            return;
        remarks.Add($"{Amount.Of(count, "sample")} announced, {samples.Count} in the shards"
            + (count < samples.Count ? "; the first ones are taken." : "."));
        if (count > samples.Count)
            return;
        samples.RemoveRange(count, samples.Count - count);
        for (var (i, left) = (0, count); i < counts.Count; left -= counts[i], i++)
            counts[i] = Math.Min(counts[i], left);
    }
}
