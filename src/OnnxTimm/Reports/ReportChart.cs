using System.Globalization;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>The course of a training as drawings in the page: losses, metrics, learning rate over the epochs.</summary>
static class ReportChart
{
    const int Width = 420, Height = 240, Left = 52, Right = 10, Top = 10, Bottom = 26;

    /// <summary>Points of a curve, and those up to which each has a dot.</summary>
    const int MostPoints = 1000, MostDots = 40;

    public static string Of(IReadOnlyList<EpochResult> epochs)
    {
        if (epochs.Count == 0)
            return "";
        var metrics = epochs.Select(e => e.Eval).OfType<EvalResult>().FirstOrDefault()?.Named()
            .Select(m => m.Name).Where(name => name != "loss").ToArray() ?? [];
        return $"<div class=\"charts\">\n{string.Concat(
        [
            Chart("Loss", epochs, ("training", e => e.TrainLoss), ("validation", e => e.Eval?.Loss)),
            .. metrics.Chunk(2).Select(pair => Chart(string.Join(", ", pair), epochs,
                [.. pair.Select(name => (name, (Curve)(e => e.Eval?.Named().First(m => m.Name == name).Value)))])),
            Chart("Learning rate", epochs, ("learning rate", e => e.Lr)),
        ])}</div>";
    }

    delegate double? Curve(EpochResult epoch);

    static string Chart(string title, IReadOnlyList<EpochResult> epochs, params (string Name, Curve Of)[] curves)
    {
        var every = (epochs.Count + MostPoints - 1) / MostPoints;
        (string Name, (double X, double Y)[] Points)[] lines = [.. curves.Select(c => (c.Name, epochs
            .Where((_, i) => i % every == 0 || i == epochs.Count - 1)
            .Select(e => ((double)e.Epoch, c.Of(e) ?? double.NaN)).Where(p => double.IsFinite(p.Item2)).ToArray()))
            .Where(line => line.Item2.Length > 0)];
        return lines.Length == 0 ? "" : Drawing(title, lines);
    }

    static string Drawing(string title, (string Name, (double X, double Y)[] Points)[] lines)
    {
        var all = lines.SelectMany(line => line.Points).ToArray();
        var (x, y) = (new Axis(all.Min(p => p.X), all.Max(p => p.X), Left, Width - Right, whole: true),
            new Axis(all.Min(p => p.Y), all.Max(p => p.Y), Height - Bottom, Top));
        return $"<figure>\n<figcaption>{Html.Text(title)}</figcaption>\n"
            + $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Encoded(title)} by epoch\">\n"
            + string.Concat(y.Ticks.Select(t => Grid(Left, y[t], Width - Right, y[t])
                + Label(Left - 6, y[t] + 4, "end", Axis.Text(t))))
            + string.Concat(x.Ticks.Select(t => Label(x[t], Height - 8, "middle", Axis.Text(t))))
            + string.Concat(lines.Select((line, i) => Line(line.Points, i, x, y)))
            + $"</svg>\n<div class=\"key\">{string.Concat(lines.Select((line, i) => Key(line.Name, i)))}"
            + "</div>\n</figure>\n";
    }

    /// <summary>A line as it is drawn, and its name.</summary>
    static string Key(string name, int number) =>
        $"<span class=\"s{number}\">{(number == 0 ? "&#9473;" : "&#9477;")} {Html.Text(name)}</span>";

    static string Line((double X, double Y)[] points, int number, Axis x, Axis y) =>
        $"<polyline class=\"s{number}\" points=\""
        + $"{string.Join(' ', points.Select(p => $"{At(x[p.X])},{At(y[p.Y])}"))}\"/>\n"
        + string.Concat(points.Length > MostDots ? [] : points.Select(p =>
            $"<circle class=\"s{number}\" cx=\"{At(x[p.X])}\" cy=\"{At(y[p.Y])}\" r=\"2.5\"><title>"
            + $"epoch {p.X.ToString(CultureInfo.InvariantCulture)}: {Html.Number(p.Y, "G6")}</title></circle>\n"));

    static string Grid(double x1, double y1, double x2, double y2) =>
        $"<line class=\"grid\" x1=\"{At(x1)}\" y1=\"{At(y1)}\" x2=\"{At(x2)}\" y2=\"{At(y2)}\"/>\n";

    static string Label(double x, double y, string anchor, string text) =>
        $"<text x=\"{At(x)}\" y=\"{At(y)}\" text-anchor=\"{anchor}\">{text}</text>\n";

    static string At(double pixels) => Html.Number(pixels, "0.#");

    /// <summary>From numbers to pixels, with round numbers for labels.</summary>
    sealed class Axis
    {
        const int Steps = 5;

        readonly double low, high, from, to;

        public Axis(double least, double most, double from, double to, bool whole = false)
        {
            var room = most > least ? 0 : Math.Max(Math.Abs(most) * 0.1, whole ? 1 : 1e-9);
            (low, high, this.from, this.to) = (least - room, most + room, from, to);
            var step = Round((high - low) / Steps);
            if (whole)
                step = Math.Max(1, Math.Round(step));
            var first = Math.Ceiling(low / step);
            Ticks = [.. Enumerable.Range(0, 2 * Steps).Select(i => (first + i) * step).Where(t => t <= high)];
        }

        public double[] Ticks { get; }

        public double this[double value] => from + (value - low) / (high - low) * (to - from);

        public static string Text(double tick) =>
            Math.Abs(tick) is > 0 and (< 1e-4 or >= 1e6) ? Html.Number(tick, "0.##e0") : Html.Number(tick, "0.####");

        /// <summary>1, 2 or 5 times a power of ten, not below a number.</summary>
        static double Round(double x)
        {
            var power = Math.Pow(10, Math.Floor(Math.Log10(x)));
            return power * ((double[])[1, 2, 5, 10]).First(f => f * power >= x * (1 - 1e-9));
        }
    }
}
