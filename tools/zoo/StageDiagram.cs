using System.Text;
using OnnxTimm.Models;

namespace OnnxTimm.ZooTools;

/// <summary>
/// The stages of a network as a picture (SVG): a block of each, with its operators, their widths and what skips them.
/// Stages that differ in widths alone are drawn once.
/// </summary>
public static class StageDiagram
{
    const int Most = 44, Short = 12, Pieces = 8, Margin = 20, Head = 46, Widest = 1100;

    /// <summary>The picture of a name; null where no block can be drawn.</summary>
    public static string? Of(string name)
    {
        // From opset 20 on an activation is one node.
        var model = Zoo.Build(name, new() { Opset = 20, DropRate = 0, DropPathRate = 0 });
        var blocks = model.Net.Built.Where(b => b.End > b.First).ToArray();
        var drawn = Merged(blocks.Length > 0 ? Blocks(model.Graph, blocks)
            : Scopes(model.Graph, 0, model.Graph.Nodes.Count));
        return drawn.Count == 0 ? null : Svg(name, drawn);
    }

    /// <summary>
    /// Of each stage the second block, which does not subsample, or the only one; what is before and behind.
    /// </summary>
    static IEnumerable<DrawnStage?> Blocks(Graph graph, BuiltBlock[] blocks)
    {
        yield return Piece(graph, 0, blocks[0].First, Short) is { } stem ? stem with { Names = ["stem"] } : null;
        foreach (var stage in blocks.GroupBy(b => b.Place.Stage))
        {
            var shown = stage.ElementAtOrDefault(1) is { End: > 0 } second ? second : stage.First();
            if (Piece(graph, shown.First, shown.End, Most) is { } piece)
                yield return piece with
                {
                    Names = [$"{stage.Key + 1}"],
                    Depths = [stage.Count()],
                };
        }
        yield return Piece(graph, blocks[^1].End, graph.Nodes.Count, Short) is { } head
            ? head with { Names = ["head"] } : null;
    }

    /// <summary>
    /// Of a network without stages the modules at its top; of those that are too large the modules in them.
    /// </summary>
    static IEnumerable<DrawnStage?> Scopes(Graph graph, int first, int end, int depth = 1)
    {
        const int deepest = 5;
        var starts = Enumerable.Range(first, end - first).Where(i => i == first
            || Scope(graph, i, depth) is { } scope && scope != Enumerable.Range(first, i - first).Reverse()
                .Select(j => Scope(graph, j, depth)).FirstOrDefault(before => before is not null)).ToArray();
        foreach (var (i, start) in starts.Index())
        {
            var stop = i + 1 < starts.Length ? starts[i + 1] : end;
            var count = Boxes.Of(graph, start, stop).Count;
            if (count > Most && depth < deepest)
                foreach (var part in Scopes(graph, start, stop, depth + 1))
                    yield return part;
            else if (count > 3 && Piece(graph, start, stop, Most) is { } piece)
                yield return piece with { Names = [Scope(graph, start, depth) ?? "stem"] };
        }
    }

    /// <summary>So many of the first names of a node's parameter; null where it has none.</summary>
    static string? Scope(Graph graph, int node, int depth) =>
        graph.Nodes[node].In.FirstOrDefault(v => v is { IsWeight: true })?.Name.Split('.') is { } names
            ? string.Join('.', names.SkipLast(1).Take(depth)) : null;

    static DrawnStage? Piece(Graph graph, int first, int end, int most)
    {
        var boxes = Boxes.Of(graph, first, end);
        return boxes.Count < 2 || boxes.Count > most ? null : new(boxes, [], [], boxes
            .Where(box => box.Width > 0).ToDictionary(box => box, box => $"{box.Width}"));
    }

    /// <summary>Neighbours of one structure become one.</summary>
    static List<DrawnStage> Merged(IEnumerable<DrawnStage?> pieces)
    {
        var merged = new List<DrawnStage>();
        foreach (var piece in pieces.OfType<DrawnStage>())
            if (merged.Count > 0 && merged[^1].IsLike(piece))
                merged[^1] = merged[^1].With(piece);
            else if (merged.Count < Pieces || piece.Names is ["head"])
                merged.Add(piece);
        return merged;
    }

    static string Svg(string name, List<DrawnStage> stages)
    {
        var (text, x, y, widest, tallest) = (new StringBuilder(), Margin, Margin, 0, 0);
        foreach (var stage in stages)
        {
            var drawing = new BlockDrawing(stage.Boxes, stage.Texts());
            if (x > Margin && x + drawing.Width > Widest)
                (x, y, tallest) = (Margin, y + tallest + Head + Margin, 0);
            text.Append($"<text class=\"head\" x=\"{x}\" y=\"{y + 14}\">{stage.Title}</text>\n"
                + $"<text class=\"note\" x=\"{x}\" y=\"{y + 31}\">{stage.About}</text>\n" + drawing.Svg(x, y + Head));
            var width = Math.Max(drawing.Width, Math.Max(9 * stage.Title.Length, 6 * stage.About.Length));
            (x, tallest, widest) = (x + width + 30, Math.Max(tallest, drawing.Height), Math.Max(widest, x + width));
        }
        return Pictures.Svg(
            widest + Margin, y + tallest + Head + Margin, $"A block of each stage of {name}", text.ToString());
    }
}
