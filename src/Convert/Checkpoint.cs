namespace OnnxTimm.Conversion;

/// <summary>
/// Opens checkpoints by their content: PyTorch's zip form (1.6 and later), PyTorch's legacy form, safetensors, the
/// index of sharded safetensors, and ONNX Runtime's on-device training. Nothing in a file is ever run, and nothing is
/// allocated because a header claims it.
/// </summary>
public static class Checkpoint
{
    const string Formats = "PyTorch (zip or legacy), safetensors, *.safetensors.index.json, or ONNX Runtime Training";

    /// <summary>The weights of a checkpoint under their plain names (see <see cref="StateDicts.Unwrap"/>).</summary>
    /// <exception cref="UserException">
    /// The file cannot be read or is flawed; the message names file and flaw.
    /// </exception>
    public static StateDict Open(string path, bool useEma = true)
    {
        var content = Read(path);
        try
        {
            return StateDicts.Unwrap(content, useEma);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Everything in a checkpoint, as it is nested in the file.</summary>
    /// <exception cref="UserException">
    /// The file cannot be read or is flawed; the message names file and flaw.
    /// </exception>
    public static CheckpointContent Read(string path) => MappedFile.Read(path, file => Reader(file)(file));

    /// <summary>The file that a path means: itself, or a folder's <c>checkpoint</c>, as a set of artifacts has it.</summary>
    /// <exception cref="UserException">There is no such file.</exception>
    public static string FileOf(string path) =>
        File.Exists(path) ? path
        : !Directory.Exists(path) ? throw new UserException($"There is no file \"{path}\".")
        : Path.Combine(path, "checkpoint") is var inside && File.Exists(inside) ? inside
        : throw new UserException($"\"{path}\" is a folder without a file \"checkpoint\".");

    static Func<MappedFile, CheckpointContent> Reader(MappedFile file)
    {
        var head = file.From(0).Span;
        return head.StartsWith("PK\x3\x4"u8) ? TorchZip.Read
            : OrtCheckpointReader.Fits(head) ? OrtCheckpointReader.Content
            : SafetensorsHeader.Fits(head, file.Length) ? SafetensorsReader.Read
            : head[0] == 0x80 ? TorchLegacy.Read
            : SafetensorsHeader.Resembles(head) ? SafetensorsReader.Read
            : SafetensorsIndex.Resembles(head) ? SafetensorsIndex.Read
            : throw file.Fault($"its content is none of the known forms: {Formats}");
    }
}

/// <summary>What a checkpoint file holds, before the weights are taken out.</summary>
/// <param name="Path">The file.</param>
/// <param name="Root">The outermost dictionary.</param>
/// <param name="Metadata">Plain facts beside the tensors.</param>
/// <param name="Owner">The mappings below the tensors.</param>
public sealed record CheckpointContent(
    string Path, PyDict Root, IReadOnlyDictionary<string, string> Metadata, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();

    internal UserException Fault(string flaw) => new($"Cannot read \"{Path}\": {flaw}.");
}
