using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Deploy;

/// <summary>What a file is, against what it says of itself.</summary>
/// <param name="File">The file.</param>
/// <param name="Sealed">Whether it has a seal.</param>
/// <param name="Changed">The parts that are not those that were written, by their names.</param>
/// <param name="Outputs">How far each output is from the digest; empty without one.</param>
/// <param name="Tolerance">How far it may be.</param>
/// <param name="Kernels">
/// Of a network with codes: how far it is by the runtime's kernels for 8 bits, which differ from processor to
/// processor; null for others.
/// </param>
public sealed record Verification(string File, bool Sealed, IReadOnlyList<string> Changed,
    IReadOnlyList<(string Name, double Distance)> Outputs, double Tolerance, double? Kernels)
{
    /// <summary>Whether ONNX Runtime has written it, for one machine: such a file has no seal.</summary>
    public bool IsOptimized { get; init; }

    /// <summary>Whether it is as it was written and gives what it should.</summary>
    public bool IsEqual => (Sealed || IsOptimized) && Changed.Count == 0 && Outputs.All(o => o.Distance <= Tolerance);

    /// <summary>Reads a file and runs it on the digest's input.</summary>
    /// <param name="file">An .onnx file.</param>
    /// <param name="options">How it is to run; null for the defaults.</param>
    /// <exception cref="UserException">
    /// It cannot be read or run, or says nothing of itself that could be looked at.
    /// </exception>
    public static Verification Of(string file, RuntimeOptions? options = null)
    {
        if (!System.IO.File.Exists(file))
            throw new UserException($"There is no file \"{file}\".");
        var (found, written) = Seal.Of(file);
        string[] changed = written is null ? [] : [.. found.Differences(written)];
        options ??= new();
        using var session = Session.Open(file, options with { Config = JudgingImages.AsWritten });
        var golden = GoldenDigest.Read(session.Metadata, file);
        if (golden is null && written is null)
            throw new UserException($"\"{file}\" has neither a seal nor a digest, as exports of this program have: "
                + "--against FILE compares it with another.");
        return new(file, written is not null, changed, golden?.Check(session) ?? [], golden?.Tolerance ?? 0,
            golden is null || !FileRecipe.IsQuantized(session.Metadata) ? null : ByKernels(file, golden, options))
        {
            IsOptimized = session.Metadata.ContainsKey(OptimizedFile.Key),
        };
    }

    static double ByKernels(string file, GoldenDigest golden, RuntimeOptions options)
    {
        using var session = Session.Open(file, options);
        return golden.Check(session).Max(o => o.Distance);
    }
}
