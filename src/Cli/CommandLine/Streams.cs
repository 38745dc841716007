using OnnxTimm.Conversion;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>Where results and where messages go.</summary>
sealed record Streams(TextWriter Out, TextWriter Error) : IProgress<DownloadProgress>
{
    int percent = -1;

    /// <summary>Says something that the user did not ask for.</summary>
    public void Note(string text) => Error.WriteLine($"onnxtimm: {text}");

    /// <summary>Shows how far a download is, a line each tenth.</summary>
    public void Report(DownloadProgress p)
    {
        if (p.Total is not > 0 || p.Done * 10 / p.Total == percent)
            return;
        percent = (int)(p.Done * 10 / p.Total.Value);
        Error.WriteLine($"{p.File}: {p.Done / 1e6:F1} of {p.Total / 1e6:F1} MB");
    }
}
