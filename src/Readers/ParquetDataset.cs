using System.Text.RegularExpressions;
using Parquet.Schema;

namespace OnnxTimm.Data;

/// <summary>
/// A folder of parquet files as Hugging Face's datasets writes them: a column of images (a record of bytes and path, or
/// bytes alone), columns of labels, splits by the names of the files. Labels are read at once, images by row group.
/// </summary>
sealed partial class ParquetDataset : IDataset
{
    const string Usual = "label";

    const long CachedBytes = 1 << 29;

    static readonly string[] ImageColumns = ["image", "img"];

    readonly List<(ParquetFile Table, int Group)> groups = [];
    readonly List<int> counts = [];
    readonly List<(int Group, int Row, string Name)> images = [];
    readonly List<string> remarks = [];
    readonly RowGroupCache cache;
    readonly ImageLabels labels;
    readonly string? imageKey;
    string[]? classNames;

    ParquetDataset(string root, DatasetRequest request)
    {
        imageKey = request.InputKey;
        var builder = new LabelBuilder(request, Usual, root);
        foreach (var path in Files(root, request.Split))
            Take(new(path), builder);
        labels = builder.Build(classNames, images.Count);
        if (images.Count == 0)
            throw new UserException($"No row of {root} has a label. {string.Concat(remarks.Take(1))}");
        cache = new(Load, groups.Count, CachedBytes);
    }

    public int Count => images.Count;

    public IReadOnlyList<string> Classes => labels.Classes;

    public IReadOnlyList<string> Remarks => remarks;

    public IReadOnlyList<int> Shards => counts;

    public bool IsMultiLabel => labels.AreSeveral;

    public static IDataset Open(DatasetRequest request)
    {
        var root = Path.Combine(request.Root, request.Name);
        root = Directory.Exists(root) ? root : request.Root;
        return Directory.Exists(root) || File.Exists(root) ? new ParquetDataset(root, request)
            : throw new UserException($"There is no file or folder {root}: data sets are read from the disk.");
    }

    public int Label(int index) => labels.One(index);

    public void Targets(int index, Span<float> to) => labels.Fill(index, to);

    public string Name(int index) => images[index].Name;

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer)
    {
        var (group, row, name) = images[index];
        return cache.Image(group, row) is { Length: > 0 } bytes ? bytes.Span
            : throw new UserException($"{name} has no bytes.");
    }

    public void Dispose()
    {
    }

    /// <summary>The files of a split, by words of their names; all of them where none names a split.</summary>
    static IEnumerable<string> Files(string root, string split)
    {
        if (File.Exists(root))
            return [root];
        string[] all = [.. Directory.EnumerateFiles(root, "*.parquet", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f)).Order(NaturalOrder.Instance)];
        if (all.Length == 0)
            throw new UserException($"There is no .parquet file in {root}.");
        var names = Splits.Synonyms(split);
        var found = split.Length == 0 ? all : [.. all.Where(f => Words(f).Any(names.Contains))];
        if (found.Length == 0 && Splits.IsTraining(split) && !all.SelectMany(Words).Any(Splits.IsUsual))
            found = all;
        return found.Length > 0 ? found.Select(f => Path.Combine(root, f)) : throw new UserException(
            $"No split \"{split}\" in {root}: its files are {string.Join(", ", all.Take(5))}"
            + $"{(all.Length > 5 ? ", ..." : "")}.");
    }

    static IEnumerable<string> Words(string file) =>
        Word.Split(Path.ChangeExtension(file, null).ToLowerInvariant()).Where(w => w.Length > 0);

    void Take(ParquetFile file, LabelBuilder builder) => file.Read((reader, length) =>
    {
        _ = Image(reader.Schema, file.Path);
        DataField[] fields = [.. builder.Keys.Select(key => ParquetColumn.Find(reader.Schema, key)
            ?? throw Nearest.Unknown($"column in {file.Path}", key, ParquetColumn.Names(reader.Schema)))];
        classNames ??= builder.Keys is [var only] ? ParquetFile.ClassNames(reader, only) : null;
        var paths = ParquetColumn.Find(reader.Schema, $"{Image(reader.Schema, file.Path).Path.FirstPart}/path");
        var (start, faults) = (0, new List<string>());
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            var group = reader.OpenRowGroupReader(g);
            if (group.RowCount == 0)
                continue;
            var columns = Array.ConvertAll(fields, f => ParquetColumn.Labels(group, f, length));
            var names = paths is null ? null : ParquetColumn.Texts(group, paths, length);
            var before = images.Count;
            groups.Add((file, g));
            for (var row = 0; row < columns[0].Length; row++)
                if (TryTake(builder, [.. columns.Select(c => c[row])], row, names?[row] is { Length: > 0 } name ? name
                    : $"{Path.GetFileName(file.Path)}#{start + row}") is { } fault)
                    faults.Add(fault);
            counts.Add(images.Count - before);
            start += columns[0].Length;
        }
        if (faults.Count > 0)
            remarks.Add($"Left out for want of a label: {Amount.Of(faults.Count, "row")} of {file.Path}. The first: "
                + faults[0]);
        return start;
    });

    /// <summary>Takes an image; the message about it where it has no label.</summary>
    string? TryTake(LabelBuilder builder, LabelValues[] fields, int row, string name)
    {
        try
        {
            builder.Add(fields);
            images.Add((groups.Count - 1, row, name));
            return null;
        }
        catch (UserException e)
        {
            return $"{name}: {e.Message}";
        }
    }

    DataField Image(ParquetSchema schema, string path) =>
        (imageKey is null ? ImageColumns : [imageKey])
            .SelectMany(key => new[] { $"{key}/bytes", key }).Select(key => ParquetColumn.Find(schema, key))
            .FirstOrDefault(f => f is not null)
        ?? throw Nearest.Unknown($"column of images in {path}", imageKey ?? ImageColumns[0],
            schema.Fields.Select(f => f.Name));

    ReadOnlyMemory<byte>[] Load(int group) => groups[group].Table.Read((reader, length) => ParquetColumn.Bytes(
        reader.OpenRowGroupReader(groups[group].Group), Image(reader.Schema, groups[group].Table.Path), length));

    [GeneratedRegex(@"[^a-z]+")]
    private static partial Regex Word { get; }
}
