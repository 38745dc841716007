using System.Globalization;
using System.Text;
using OnnxTimm.Models;

namespace OnnxTimm.ZooTools;

/// <summary>Accuracy over what it costs: a dot a name, the best weights of each, with the names that lead.</summary>
public static class ScatterPlot
{
    const int Width = 960, Height = 560, Left = 60, Right = 30, Top = 56, Bottom = 50;
    const double Least = 60, Most = 91;

    static readonly string[] Free = ["apache-2.0", "mit", "bsd-3-clause"];

    /// <summary>Accuracy over parameters in millions.</summary>
    public static string OfParams() => Of("parameters in millions", row => row.Params / 1e6);

    /// <summary>Accuracy over multiply-adds of an image of the size of the run.</summary>
    public static string OfGMacs() => Of("GMACs for one image", row => row.GMacs);

    static string Of(string axis, Func<ZooRow, double> cost)
    {
        // Where the accuracy was measured on a larger image, the work of the default one would flatter it.
        ZooRow[] rows = [.. Zoo.Find(new() { Pretrained = true, MinTop1 = Least }).Where(r => r.ResultSize == r.ImgSize)
            .GroupBy(row => row.Name.Split('.')[0]).SelectMany(BestOfEach)];
        // Room for the names at the left of the first.
        var (low, high) = (Math.Log10(rows.Min(cost)) - 0.6, Math.Log10(rows.Max(cost)) + 0.1);
        double X(ZooRow row) => Left + (Width - Left - Right) * (Math.Log10(cost(row)) - low) / (high - low);
        var text = new StringBuilder(
            $"<text class=\"head\" x=\"{Left}\" y=\"26\">ImageNet-1k top-1 over {axis}</text>\n"
            + $"<text class=\"note\" x=\"{Left}\" y=\"43\">Filled: free licences ({string.Join(", ", Free)}), whose "
            + "leaders are joined and named; rings: others. Results at the default size of image.</text>\n");
        text.Append(Grid(low, high));
        foreach (var row in rows.OrderBy(IsFree))
            text.Append($"<circle class=\"{(IsFree(row) ? "dot" : "ring")}\" cx=\"{Text(X(row))}\" "
                + $"cy=\"{Text(Y(row.Top1!.Value))}\" r=\"3.5\"><title>{row.Name}: {Text(row.Top1.Value)} %, "
                + $"{Text(cost(row))}</title></circle>\n");
        return Pictures.Svg(Width, Height, $"Top-1 over {axis}", text.Append(Leaders(rows, cost, X)).ToString());
    }

    /// <summary>Of a name the most accurate weights, and the most accurate free ones.</summary>
    static IEnumerable<ZooRow> BestOfEach(IEnumerable<ZooRow> tags) => new[]
    {
        tags.MaxBy(tag => tag.Top1)!, tags.Where(IsFree).MaxBy(tag => tag.Top1),
    }.OfType<ZooRow>().Distinct();

    /// <summary>The line of those that nothing beats at their cost, with names where there is room.</summary>
    static string Leaders(ZooRow[] rows, Func<ZooRow, double> cost, Func<ZooRow, double> x)
    {
        var leaders = new List<ZooRow>();
        foreach (var row in rows.Where(IsFree).OrderBy(cost).ThenByDescending(row => row.Top1))
            if (leaders.Count == 0 || row.Top1 > leaders[^1].Top1)
                leaders.Add(row);
        var text = new StringBuilder("<path class=\"front\" d=\"M" + string.Join('L', leaders.Select(row =>
            $"{Text(x(row))} {Text(Y(row.Top1!.Value))}")) + "\"/>\n");
        var last = double.MaxValue;
        foreach (var row in leaders)
        {
            var y = Y(row.Top1!.Value);
            text.Append($"<circle class=\"best\" cx=\"{Text(x(row))}\" cy=\"{Text(y)}\" r=\"3.5\"/>\n");
            if (last - y < 14)
                continue;
            last = y;
            text.Append($"<text class=\"tick end\" x=\"{Text(x(row) - 7)}\" y=\"{Text(y - 2)}\">"
                + $"{row.Name.Split('.')[0]}</text>\n");
        }
        return text.ToString();
    }

    static string Grid(double low, double high)
    {
        var text = new StringBuilder();
        for (var percent = Least; percent <= Most; percent += 5)
            text.Append($"<path class=\"grid\" d=\"M{Left} {Text(Y(percent))}H{Width - Right}\"/>"
                + $"<text class=\"tick end\" x=\"{Left - 8}\" y=\"{Text(Y(percent) + 4)}\">{percent} %</text>\n");
        for (var power = Math.Ceiling(low); power <= high; power++)
        {
            var at = Text(Left + (Width - Left - Right) * (power - low) / (high - low));
            text.Append($"<path class=\"grid\" d=\"M{at} {Top}V{Height - Bottom}\"/>"
                + $"<text class=\"tick mid\" x=\"{at}\" y=\"{Height - Bottom + 20}\">"
                + $"{Text(Math.Pow(10, power))}</text>\n");
        }
        return text.ToString();
    }

    static double Y(double percent) => Height - Bottom - (Height - Top - Bottom) * (percent - Least) / (Most - Least);

    static bool IsFree(ZooRow row) => Free.Contains(row.License);

    static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
