using OnnxTimm.Data;
using OnnxTimm.Tests.Train;

namespace OnnxTimm.Tests.Attacks;

/// <summary>A training of a second by the program itself, on files.</summary>
static class TinyRun
{
    const int TrainingImages = 16, ValidationImages = 4;

    /// <summary>Writes a data set of BMP files in four classes.</summary>
    public static void WriteImages(string folder)
    {
        var (dots, buffer) = (new Dots(TrainingImages + ValidationImages), new FileBuffer());
        for (var i = 0; i < dots.Count; i++)
        {
            var file = Path.Combine(folder, i < TrainingImages ? "train" : "val", dots.Name(i));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, dots.Read(i, buffer).ToArray());
        }
    }

    /// <summary>The command line: few epochs, of which each leaves every kind of checkpoint.</summary>
    /// <param name="set">The data set.</param>
    /// <param name="output">The folder of runs.</param>
    /// <param name="epochs">How many.</param>
    public static string[] Arguments(string set, string output, int epochs) =>
    [
        "train", "--data-dir", set, "--val-split", "val", "--input-key", ".bmp", "--model", "test_resnet",
        "--img-size", "32", "--batch-size", "4", "--epochs", $"{epochs}", "--opt", "adamw", "--lr", "1e-3",
        "--warmup-epochs", "0", "--model-ema", "--recovery-interval", "1", "--checkpoint-hist", $"{epochs}",
        "--workers", "1", "--output", output, "--experiment", "run",
    ];
}
