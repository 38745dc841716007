namespace OnnxTimm.Data;

/// <summary>
/// Images that a table lists: a head line, a column of files (relative to the table), one of labels by name with
/// semicolons between several. <c>--input-key</c> and <c>--target-key</c> name other columns than file and labels;
/// several of these are labels each, on where their value is above 0.
/// </summary>
sealed class CsvDataset : IDataset
{
    const string FileColumn = "file", LabelColumn = "labels", Ending = ".csv";

    static readonly Splits Splits = new(Ending);

    readonly string folder;
    readonly string[] files;
    readonly ImageLabels labels;

    CsvDataset(string path, DatasetRequest request)
    {
        folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var builder = new LabelBuilder(request, LabelColumn, path);
        using var rows = Csv.Rows(RegularFile.ReadText(path), path).GetEnumerator();
        var head = rows.MoveNext() ? rows.Current.Cells : throw new UserException($"{path} is empty.");
        var file = Column(head, string.IsNullOrEmpty(request.InputKey) ? FileColumn : request.InputKey, path);
        int[] targets = [.. builder.Keys.Select(key => Column(head, key, path))];
        var names = new List<string>();
        while (rows.MoveNext())
        {
            var (line, cells) = rows.Current;
            if (cells.Length != head.Length)
                throw new UserException(
                    $"{path}, line {line}: {Amount.Of(cells.Length, "cell")}, the head line has {head.Length}.");
            names.Add(cells[file]);
            Add(builder, [.. targets.Select(t => cells[t])], $"{path}, line {line}: {cells[file]}");
        }
        files = [.. names];
        if (files.Length == 0)
            throw new UserException($"{path} lists no image.");
        labels = builder.Build(null, files.Length);
        if (!files.Any(f => File.Exists(Path.Combine(folder, f))))
            throw new UserException($"None of the {files.Length} files of {path} is there; the first is "
                + $"{Path.Combine(folder, files[0])}.");
    }

    public int Count => files.Length;

    public IReadOnlyList<string> Classes => labels.Classes;

    public bool IsMultiLabel => labels.AreSeveral;

    public static IDataset Open(DatasetRequest request)
    {
        var path = PathOf(request);
        if (Directory.Exists(path))
            path = Directory.GetFiles(path, $"*{Ending}") is [var only] ? only : throw new UserException(
                $"{path} has not one table {Ending}: name it, or give it the name of a split.");
        return File.Exists(path) ? new CsvDataset(path, request)
            : throw new UserException($"There is no file or folder {path}.");
    }

    /// <summary>The table of a split.</summary>
    public static string PathOf(DatasetRequest request) => Splits.PathOf(request.Root, request.Split);

    public int Label(int index) => labels.One(index);

    public void Targets(int index, Span<float> to) => labels.Fill(index, to);

    public string Name(int index) => files[index];

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => buffer.Read(Path.Combine(folder, files[index]));

    public void Dispose()
    {
    }

    static void Add(LabelBuilder builder, string[] cells, string place)
    {
        try
        {
            if (cells is [var list])
                builder.Add(list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            else
                builder.Add([.. cells.Select(c => c.Trim().Length == 0 ? new([]) : LabelValues.Parse(c))]);
        }
        catch (UserException e)
        {
            throw new UserException($"{place}: {e.Message}", e);
        }
    }

    static int Column(string[] head, string name, string path) => Array.IndexOf(head, name) is >= 0 and var column
        ? column : throw Nearest.Unknown($"column in {path}", name, head);
}
