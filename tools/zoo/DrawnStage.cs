namespace OnnxTimm.ZooTools;

/// <summary>A stage of a diagram, or several that differ in widths alone.</summary>
/// <param name="Boxes">A block of the first.</param>
/// <param name="Names">What they are called: a number, or a name.</param>
/// <param name="Depths">Blocks of each; none where that is not known.</param>
/// <param name="Widths">What each box gives, a width for each stage, with commas between.</param>
sealed record DrawnStage(
    IReadOnlyList<Box> Boxes, string[] Names, int[] Depths, Dictionary<Box, string> Widths)
{
    public string Title => Depths.Length == 0
        ? Names.Length == 1 ? Names[0] : $"{Names[0]} – {Names[^1]}"
        : Names.Length == 1 ? $"stage {Names[0]}" : $"stages {Names[0]}–{Names[^1]}";

    /// <summary>How often the block is there.</summary>
    public string About => Depths.Length == 0 ? ""
        : $"{string.Join(", ", Depths)} block{(Depths is [1] ? "" : "s")}";

    /// <summary>Whether another has the same operators, joined in the same way.</summary>
    public bool IsLike(DrawnStage other) => Depths.Length == 0 == (other.Depths.Length == 0)
        && Boxes.Count == other.Boxes.Count && Boxes.Zip(other.Boxes).All(pair => IsLike(pair.First, pair.Second)
            && Places(pair.First).SequenceEqual(other.Places(pair.Second)));

    public DrawnStage With(DrawnStage next) => new(Boxes, [.. Names, .. next.Names], [.. Depths, .. next.Depths],
        Boxes.Zip(next.Boxes).Where(pair => Widths.ContainsKey(pair.First))
            .ToDictionary(pair => pair.First, pair => $"{Widths[pair.First]},{next.Widths[pair.Second]}"));

    /// <summary>The widths as they are written: of many the first and the last.</summary>
    public Dictionary<Box, string> Texts() => Widths.ToDictionary(pair => pair.Key, pair =>
        pair.Value.Split(',').Distinct().ToArray() is { Length: > 2 } many ? $"{many[0]}…{many[^1]}"
            : string.Join(", ", pair.Value.Split(',').Distinct()));

    /// <summary>Whether two boxes differ at most in sizes and in the number of heads, which grows with the width.
    /// </summary>
    static bool IsLike(Box a, Box b) => a.Kind == b.Kind && a.Width > 0 == b.Width > 0
        && a.Notes.SequenceEqual(b.Notes)
        && (a.Kind == BoxKind.Input || a.Title.Split(',')[0] == b.Title.Split(',')[0]);

    IEnumerable<int> Places(Box box) => box.Ins.Select(source => Boxes.Index().First(b => b.Item == source).Index);
}
