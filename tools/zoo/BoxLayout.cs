namespace OnnxTimm.ZooTools;

/// <summary>Where a box stands in a diagram.</summary>
/// <param name="Row">From above, 0 for what the block is given.</param>
/// <param name="Column">0 for the longest way through the block, others for the branches beside it.</param>
readonly record struct Cell(int Row, int Column);

/// <summary>
/// Rows and columns for boxes: the longest way is the first column, each branch takes the first column that is free
/// from where it leaves to where it comes back.
/// </summary>
sealed class BoxLayout
{
    readonly Dictionary<Box, Cell> cells = [];
    readonly ILookup<Box, Box> readers;
    readonly Dictionary<Box, int> rows = [];
    readonly Dictionary<Box, int> below = [];
    readonly List<(int From, int To, int Column)> taken = [];

    public BoxLayout(IReadOnlyList<Box> boxes)
    {
        Boxes = boxes;
        readers = boxes.SelectMany(box => box.Ins.Select(source => (source, box))).ToLookup(e => e.source, e => e.box);
        foreach (var box in boxes)
            rows[box] = box.Ins.Select(source => rows[source] + 1).DefaultIfEmpty(0).Max();
        foreach (var box in boxes.Reverse())
            below[box] = readers[box].Select(reader => below[reader] + 1).DefaultIfEmpty(0).Max();
        foreach (var box in boxes.OrderByDescending(box => rows[box] + below[box]).ThenBy(box => rows[box]))
            if (!cells.ContainsKey(box))
                Place(box);
        var order = cells.Values.Select(c => c.Column).Distinct().Order().ToList();
        foreach (var (box, cell) in cells)
            cells[box] = cell with { Column = order.IndexOf(cell.Column) };
    }

    public IReadOnlyList<Box> Boxes { get; }

    public Cell this[Box box] => cells[box];

    public int Rows => cells.Values.Max(c => c.Row) + 1;

    public int Columns => cells.Values.Max(c => c.Column) + 1;

    /// <summary>Whether nothing stands in a column between two rows.</summary>
    public bool IsFree(int column, int from, int to) =>
        !cells.Values.Any(c => c.Column == column && c.Row > from && c.Row < to);

    /// <summary>A chain from a box on, along the longest way through boxes that have no place yet.</summary>
    void Place(Box box)
    {
        var chain = new List<Box> { box };
        while (readers[chain[^1]].Where(box => !cells.ContainsKey(box)).MaxBy(box => below[box]) is { } next)
            chain.Add(next);
        var from = box.Ins.Select(source => rows[source]).DefaultIfEmpty(rows[box]).Min();
        var to = readers[chain[^1]].Select(reader => rows[reader]).DefaultIfEmpty(rows[chain[^1]]).Max();
        var column = Enumerable.Range(0, int.MaxValue).First(c => !taken.Any(t =>
            t.Column == c && t.From <= to && t.To >= from));
        taken.Add((from, to, column));
        foreach (var part in chain)
            cells[part] = new(rows[part], column);
    }
}
