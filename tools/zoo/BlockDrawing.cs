using System.Globalization;
using System.Text;

namespace OnnxTimm.ZooTools;

/// <summary>
/// A block drawn: boxes from above to below, branches beside each other, what skips boxes at the left.
/// </summary>
sealed class BlockDrawing
{
    const int BoxWidth = 190, Gap = 26, Lane = 12, Radius = 11, Between = 20, Plain = 26, Noted = 42;

    readonly BoxLayout layout;
    readonly Dictionary<Box, string> widths;
    readonly int[] top;
    readonly List<(int From, int To, int Lane)> lanes = [];

    /// <param name="boxes">The boxes of the block.</param>
    /// <param name="widths">What is written at the right of each.</param>
    public BlockDrawing(IReadOnlyList<Box> boxes, Dictionary<Box, string> widths)
    {
        (layout, this.widths) = (new(boxes), widths);
        top = new int[layout.Rows + 1];
        for (var row = 0; row < layout.Rows; row++)
            top[row + 1] = top[row] + Between
                + boxes.Where(box => layout[box].Row == row).Select(HeightOf).DefaultIfEmpty(0).Max();
        foreach (var box in boxes)
            foreach (var source in box.Ins.Where(source => IsSkip(source, box)))
                TakeLane(layout[source].Row, layout[box].Row);
    }

    /// <summary>Room at the left for what skips boxes.</summary>
    int Left => lanes.Count == 0 ? 4 : 10 + Lane * (lanes.Max(l => l.Lane) + 1);

    public int Width => Left + layout.Columns * (BoxWidth + Gap) - Gap + 4;

    public int Height => top[^1] - Between + 18;

    /// <summary>The drawing, with its upper left corner at a place.</summary>
    public string Svg(int x, int y)
    {
        var text = new StringBuilder($"<g transform=\"translate({x},{y})\">\n");
        foreach (var box in layout.Boxes)
            foreach (var source in box.Ins)
                text.Append($"<path class=\"edge\" d=\"{Path(source, box)}\" marker-end=\"url(#to)\"/>\n");
        foreach (var box in layout.Boxes)
            text.Append(Draw(box));
        foreach (var box in layout.Boxes.Where(box => !layout.Boxes.Any(b => b.Ins.Contains(box))))
            text.Append($"<path class=\"edge\" d=\"M{X(box)} {Bottom(box)}v16\" marker-end=\"url(#to)\"/>\n");
        return text.Append("</g>\n").ToString();
    }

    string Draw(Box box)
    {
        var (x, y, height) = (X(box), Top(box), HeightOf(box));
        if (box.Kind == BoxKind.Merge && box.Title.Length == 1)
            return $"<circle class=\"merge\" cx=\"{x}\" cy=\"{y + Radius}\" r=\"{Radius}\"/>"
                + $"<text class=\"sign\" x=\"{x}\" y=\"{y + Radius + 5}\">{box.Title}</text>\n";
        var (left, kind) = (x - BoxWidth / 2, box.Kind.ToString().ToLowerInvariant());
        var (width, line) = (widths.GetValueOrDefault(box, ""), y + (box.Notes.Count > 0 ? 17 : height / 2 + 4));
        var text = new StringBuilder($"<rect class=\"{kind}\" x=\"{left}\" y=\"{y}\" width=\"{BoxWidth}\" "
            + $"height=\"{height}\" rx=\"{(box.Kind == BoxKind.Input ? height / 2 : 6)}\"/>");
        text.Append(width.Length == 0
            ? $"<text class=\"name mid\" x=\"{x}\" y=\"{line}\">{box.Title}</text>"
            : $"<text class=\"name\" x=\"{left + 9}\" y=\"{line}\">{box.Title}</text>"
                + $"<text class=\"width\" x=\"{left + BoxWidth - 9}\" y=\"{line}\">{width}</text>");
        if (box.Notes.Count > 0)
            text.Append($"<text class=\"note{(width.Length == 0 ? " mid" : "")}\" "
                + $"x=\"{(width.Length == 0 ? x : left + 9)}\" y=\"{y + 33}\">{string.Join(" · ", box.Notes)}</text>");
        return text.Append('\n').ToString();
    }

    /// <summary>
    /// Straight down within a column, along a lane at the left past others, and else across above what it enters, or
    /// into the side of a sign.
    /// </summary>
    string Path(Box from, Box to)
    {
        var (x1, x2, y1, y2) = (X(from), X(to), Bottom(from), Top(to) - 3);
        if (IsSkip(from, to))
        {
            var lane = lanes.First(l => l.From == layout[from].Row && l.To == layout[to].Row).Lane;
            var (x, y) = (Left - 8 - Lane * lane, Top(to) + HeightOf(to) / 2);
            var side = IsSign(to) ? x2 - Radius - 3 : x2 - BoxWidth / 2 - 3;
            return $"M{x1} {y1}v5H{x + 6}q-6 0 -6 6V{y - 6}q0 6 6 6H{side}";
        }
        if (x1 == x2)
            return $"M{x1} {y1}V{y2}";
        if (IsSign(to) && layout.IsFree(layout[from].Column, layout[from].Row, layout[to].Row + 1))
        {
            var (y, step) = (Top(to) + Radius, x1 > x2 ? 1 : -1);
            return $"M{x1} {y1}V{y - 6}q0 6 {-6 * step} 6H{x2 + (Radius + 3) * step}";
        }
        var across = layout.IsFree(layout[to].Column, layout[from].Row, layout[to].Row) ? y1 + 6 : y2 - 9;
        return string.Create(CultureInfo.InvariantCulture, $"M{x1} {y1}V{across}H{x2}V{y2}");
    }

    /// <summary>Whether an edge passes a box of its column.</summary>
    bool IsSkip(Box from, Box to) => layout[from].Column == layout[to].Column
        && !layout.IsFree(layout[from].Column, layout[from].Row, layout[to].Row);

    void TakeLane(int from, int to)
    {
        if (lanes.Any(l => (l.From, l.To) == (from, to)))
            return;
        var lane = Enumerable.Range(0, int.MaxValue).First(i =>
            !lanes.Any(l => l.Lane == i && l.From < to && l.To > from));
        lanes.Add((from, to, lane));
    }

    int X(Box box) => Left + layout[box].Column * (BoxWidth + Gap) + BoxWidth / 2;

    int Top(Box box) => top[layout[box].Row];

    int Bottom(Box box) => Top(box) + HeightOf(box);

    static bool IsSign(Box box) => box.Kind == BoxKind.Merge && box.Title.Length == 1;

    static int HeightOf(Box box) => IsSign(box) ? 2 * Radius : box.Notes.Count > 0 ? Noted : Plain;
}
