namespace OnnxTimm.Tests.Repository;

/// <summary>Files that one can read at a sitting: the sizes of CONTRIBUTING.md.</summary>
[TestClass]
public sealed class SizeTests
{
    const int FamilyLines = 400, OtherLines = 200, Columns = 120;

    /// <summary>What may be longer, how long, and why.</summary>
    static readonly (string File, int Lines, string Why)[] Longer =
    [
        ("tests/Graph/Onnx/HandmadeTests.cs", 220, "one graph made by hand and what is asked of it"),
    ];

    [TestMethod]
    public void FilesAreShort()
    {
        var faults = Sources.Code("src", "models", "tests", "benchmarks")
            .Select(file => (File: file, Lines: File.ReadLines(Path.Combine(Paths.Root, file)).Count(),
                Most: Most(file)))
            .Where(f => f.Lines > f.Most).Select(f => $"{f.File}: {f.Lines} lines, at most {f.Most}").ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    [TestMethod]
    public void ExceptionsAreStillNeeded()
    {
        foreach (var (file, _, why) in Longer)
            Assert.IsGreaterThan(OtherLines, File.ReadLines(Path.Combine(Paths.Root, file)).Count(), $"{file}: {why}");
    }

    [TestMethod]
    public void LinesOfPagesAreShort()
    {
        var faults = Sources.Pages()
            .SelectMany(page => Prose(page).Where(line => line.Text.Length > Columns).Select(line =>
                $"{page}:{line.Number}"))
            .ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    [TestMethod]
    public void LinesOfCodeAreShort()
    {
        var faults = Sources.Code("src", "models").SelectMany(file =>
            File.ReadLines(Path.Combine(Paths.Root, file)).Index()
            .Where(line => line.Item.Length > Columns).Select(line => $"{file}:{line.Index + 1}")).ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    /// <summary>Lines but for tables, links of their own and what programs print.</summary>
    static IEnumerable<(int Number, string Text)> Prose(string page)
    {
        var isCode = false;
        foreach (var (i, line) in File.ReadLines(Path.Combine(Paths.Root, page)).Index())
        {
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!isCode && !line.StartsWith('|'))
                yield return (i + 1, line);
        }
    }

    static int Most(string file)
    {
        var isFamily = file.StartsWith("models/", StringComparison.Ordinal) && file.Count(c => c == '/') == 1;
        var longer = Longer.FirstOrDefault(row => row.File == file);
        return longer.File is not null ? longer.Lines : isFamily ? FamilyLines : OtherLines;
    }
}
