using ScottPlot;

namespace OnnxTimm.Train;

/// <summary>The course of a training as a picture: loss, accuracy and learning rate over the epochs.</summary>
public static class Curves
{
    const int Width = 900, Height = 1000;

    /// <summary>Where Linux has fonts: the drawing library finds none by itself there.</summary>
    static readonly string[] FontFolders = ["/usr/share/fonts", "/usr/local/share/fonts"];

    static readonly Lazy<string?> Font = new(RegisterFont);

    delegate double? Curve(EpochResult r);

    /// <summary>A PNG file.</summary>
    public static byte[] Draw(IReadOnlyList<EpochResult> results)
    {
        var panels = new Multiplot();
        panels.AddPlots(3);
        Fill(panels.GetPlot(0), "loss", results, ("training", r => r.TrainLoss), ("validation", r => r.Eval?.Loss));
        Fill(panels.GetPlot(1), "accuracy, %", results, ("top 1", r => r.Eval?.Top1), ("top 5", r => r.Eval?.Top5));
        Fill(panels.GetPlot(2), "learning rate", results, ("learning rate", r => r.Lr));
        return panels.Render(Width, Height).GetImageBytes();
    }

    /// <summary>The learning rate of each epoch as a PNG file.</summary>
    public static byte[] DrawRates(IReadOnlyList<double> rates)
    {
        using var plot = new Plot();
        Fill(plot, "learning rate", [.. rates.Select((lr, epoch) => new EpochResult(epoch, double.NaN, null, lr))],
            ("learning rate", r => r.Lr));
        return plot.GetImageBytes(Width, Height / 3, ImageFormat.Png);
    }

    static void Fill(Plot plot, string title, IReadOnlyList<EpochResult> results,
        params (string Name, Curve Of)[] curves)
    {
        foreach (var (name, of) in curves)
        {
            double[] x = [.. results.Where(Has).Select(r => (double)r.Epoch)];
            double[] y = [.. results.Where(Has).Select(r => of(r)!.Value)];
            plot.Add.Scatter(x, y).LegendText = name;

            bool Has(EpochResult r) => of(r) is { } value && double.IsFinite(value);
        }
        plot.YLabel(title);
        plot.XLabel("epoch");
        plot.ShowLegend(Edge.Right);
        if (Font.Value is { } font)
            plot.Font.Set(font);
    }

    /// <summary>Registers a plain font; null where there is none, or where none must be looked for.</summary>
    static string? RegisterFont()
    {
        if (FindFont() is not { } file)
            return null;
        const string name = "curves";
        Fonts.AddFontFile(name, file, false, false);
        return name;
    }

    /// <summary>A file of a plain font of this machine; null where there is none, or where none is needed.</summary>
    internal static string? FindFont()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        string[] preferred = ["DejaVuSans.ttf", "LiberationSans-Regular.ttf"];
        return FontFolders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.ttf", SearchOption.AllDirectories))
            .OrderBy(path => !preferred.Contains(Path.GetFileName(path)))
            .FirstOrDefault();
    }
}
