using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>A row of <see cref="Providers.Table"/>: something that computes networks for ONNX Runtime.</summary>
/// <param name="Name">What <see cref="Device.Parse"/> calls it.</param>
/// <param name="OrtName">What ONNX Runtime calls it, such as "CUDAExecutionProvider".</param>
/// <param name="Origin">Where a runtime that has it comes from, a sentence.</param>
/// <param name="Options">Its own options, as ONNX Runtime 1.31 has them.</param>
public sealed record Provider(string Name, string OrtName, string Origin, IReadOnlyList<string> Options)
{
    /// <summary>Whether a machine may have several, told apart by ONNX Runtime's <c>device_id</c>.</summary>
    public bool IsNumbered { get; init; }

    /// <summary>Whether it has memory of its own and wants many images in a call.</summary>
    public bool IsApart { get; init; }

    /// <summary>Whether networks are trained there too.</summary>
    public bool Trains { get; init; }

    /// <summary>The option that is its number of threads; null for none.</summary>
    internal string? ThreadsOption { get; init; }

    /// <summary>Adds it, with its options, to those of a session.</summary>
    internal Action<SessionOptions, Dictionary<string, string>> Append { get; init; } = (_, _) => { };
}
