using System.Globalization;

namespace OnnxTimm.Infer;

/// <summary>Where a session runs: the processor, or one CUDA device.</summary>
/// <param name="Cuda">Number of the CUDA device; null for the processor.</param>
public readonly record struct Device(int? Cuda)
{
    /// <summary>The default: the processor.</summary>
    public static Device Cpu => default;

    /// <summary>Whether it is the processor.</summary>
    public bool IsCpu => Cuda is null;

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public static Device Parse(string text) => text switch
    {
        "cpu" => Cpu,
        "cuda" => new(0),
        _ when text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var n) => new(n),
        _ => throw Nearest.Unknown("device", text, "cpu", "cuda", "cuda:N"),
    };

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public override string ToString() => Cuda is { } n ? $"cuda:{n}" : "cpu";
}
