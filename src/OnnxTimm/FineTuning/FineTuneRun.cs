using OnnxTimm.Onnx;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>A fine-tuning that reached its end.</summary>
/// <param name="Folder">Where its files are: checkpoints, summary.csv, model_best.onnx.</param>
/// <param name="Epochs">What each epoch gave.</param>
/// <param name="Best">The model of the best of them.</param>
public sealed record FineTuneRun(string Folder, IReadOnlyList<EpochResult> Epochs, FineTunedModel Best);

/// <summary>The best model of a fine-tuning, as a file that <see cref="Classifier.Open"/> reads.</summary>
/// <param name="File">The file, in the run's folder.</param>
/// <param name="Result">What its epoch gave.</param>
public sealed record FineTunedModel(string File, EpochResult Result)
{
    /// <summary>Writes it elsewhere, with its labels and with how images are prepared.</summary>
    /// <param name="path">The .onnx file, which appears complete or not at all.</param>
    /// <exception cref="UserException">It cannot be written.</exception>
    public void Export(string path) => OnnxFile.Write(OnnxFile.Read(File), WriteBeside.Target(path));

    /// <summary>Opens it.</summary>
    /// <param name="options">How it is to run; null for the defaults.</param>
    public Classifier Open(ClassifierOptions? options = null) => Classifier.Open(File, options);
}
