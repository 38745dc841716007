namespace OnnxTimm.Train;

/// <summary>Who watches a training.</summary>
public interface ITrainView
{
    /// <summary>A line for the log.</summary>
    void Line(string text);

    /// <summary>The results, for programs to read.</summary>
    void Result(string text);

    /// <summary>How far the epoch is; called at each update.</summary>
    void Progress(UpdateInfo update, double loss);
}
