using System.Globalization;

namespace OnnxTimm;

/// <summary>A class that a model sees in an image.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Label">What it is called; its number where the model has no names.</param>
/// <param name="Probability">Its share of the softmax over all classes, from 0 to 1.</param>
public sealed record Prediction(int Index, string Label, float Probability)
{
    /// <summary>Label and probability, such as "black swan 88.7%".</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Label} {Probability * 100:F1}%");
}
