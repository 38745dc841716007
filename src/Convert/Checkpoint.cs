namespace OnnxTimm.Conversion;

/// <summary>
/// Opens checkpoints by their content: PyTorch's zip form (1.6 and later), PyTorch's legacy form, safetensors and the
/// index of either's shards, MXNet's lists of arrays, NumPy's .npy and .npz (MXNet 2 writes the latter), Flax's
/// msgpack, ONNX Runtime's on-device training, ONNX files, and the folders that such files have. Nothing in a file is
/// ever run, and nothing is allocated because a header claims it.
/// </summary>
public static class Checkpoint
{
    const string Formats = "PyTorch (zip or legacy), safetensors, the *.index.json of either, MXNet (.params), "
        + "NumPy (.npy, .npz), Flax (msgpack), ONNX Runtime Training, ONNX";

    const int Shown = 8;

    /// <summary>Names of weights in a folder, in the form of a repository on the hub.</summary>
    static readonly string[] InFolder =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

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

    /// <summary>
    /// Everything in a checkpoint, as it is nested in the file; of a folder, in the file that <see cref="FileOf"/>
    /// gives.
    /// </summary>
    /// <exception cref="UserException">
    /// The file cannot be read or is flawed; the message names file and flaw.
    /// </exception>
    public static CheckpointContent Read(string path) => MappedFile.Read(
        Directory.Exists(path) ? FileOf(path) : path,
        file => SafetensorsIndex.Resembles(file.From(0).Span) && !IsTensors(file)
            ? SafetensorsIndex.Read(file, ReadShard)
            : ReadOne(file));

    static CheckpointContent ReadShard(string path) => MappedFile.Read(path, ReadOne);

    static CheckpointContent ReadOne(MappedFile file)
    {
        var (format, read) = Reader(file);
        return read(file) with { Format = format };
    }

    /// <summary>A header's length can begin as JSON does.</summary>
    static bool IsTensors(MappedFile file) =>
        SafetensorsHeader.Resembles(file.From(0).Span) || OrtCheckpointReader.Fits(file.From(0).Span);

    /// <summary>
    /// The file that a path means: itself, or of a folder <c>model.safetensors</c>, <c>pytorch_model.bin</c> or the
    /// index of their shards, else the newest checkpoint of Flax, else the only file <c>checkpoint</c>, with a prefix
    /// or without, that belongs to a set of training artifacts.
    /// </summary>
    /// <exception cref="UserException">There is no such file.</exception>
    public static string FileOf(string path) =>
        File.Exists(path) ? path
        : !Directory.Exists(path) ? throw new UserException($"There is no file \"{path}\".")
        : InFolder.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) is { } named ? named
        : FlaxFolder.Newest(path) is { } newest ? newest
        : Path.Combine(path, "checkpoint") is var inside && File.Exists(inside) ? inside
        : Directory.GetFiles(path, "*checkpoint") is [var prefixed] ? prefixed
        : throw new UserException($"Cannot read \"{path}\": this folder holds no {InFolder[0]} or {InFolder[2]} (or "
            + "their index), ckpt-N.flax (clu), checkpoint_N (Flax; the folders of Orbax are not read) or checkpoint "
            + "(ONNX Runtime Training).");

    static (CheckpointFormat Format, Func<MappedFile, CheckpointContent> Read) Reader(MappedFile file)
    {
        var head = file.From(0).Span;
        if (Misplaced.Find(head) is { } what)
            throw file.Fault(what);
        return head.StartsWith("PK\x3\x4"u8) || head.StartsWith("PK\x5\x6"u8) ? Archive(file)
            : OrtCheckpointReader.Fits(head) ? (CheckpointFormat.Ort, OrtCheckpointReader.Content)
            : NpyHeader.Resembles(head) ? (CheckpointFormat.Npz, NumpyReader.Read)
            : SafetensorsHeader.Fits(head, file.Length) ? (CheckpointFormat.Safetensors, SafetensorsReader.Read)
            : MxParamsReader.Resembles(head) ? (CheckpointFormat.Mxnet, MxParamsReader.Read)
            : head[0] == 0x80 ? (CheckpointFormat.PyTorch, TorchLegacy.Read)
            : SafetensorsHeader.Resembles(head) ? (CheckpointFormat.Safetensors, SafetensorsReader.Read)
            : FlaxReader.Resembles(head) ? (CheckpointFormat.Flax, FlaxReader.Read)
            : OnnxWeights.Resembles(head) ? (CheckpointFormat.Onnx, OnnxWeights.Read)
            : throw file.Fault(
                $"it begins with {Beginning(head)}, and its content is none of the known forms: {Formats}");
    }

    static string Beginning(ReadOnlySpan<byte> head)
    {
        var start = head[..Math.Min(Shown, head.Length)];
        return start.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? Convert.ToHexString(start)
            : $"\"{System.Text.Encoding.ASCII.GetString(start)}\"";
    }

    static (CheckpointFormat, Func<MappedFile, CheckpointContent>) Archive(MappedFile file)
    {
        var zip = ZipDirectory.Read(file);
        return TorchZip.Fits(zip) ? (CheckpointFormat.PyTorch, _ => TorchZip.Read(file, zip))
            : NumpyReader.Fits(zip) ? (CheckpointFormat.Npz, _ => NumpyReader.Read(file, zip))
            : throw file.Fault("it is a zip archive without data.pkl (PyTorch) and without .npy arrays (NumPy)");
    }
}

/// <summary>Kinds of files that hold weights.</summary>
public enum CheckpointFormat
{
    /// <summary>PyTorch, in either form.</summary>
    PyTorch,

    /// <summary>Safetensors.</summary>
    Safetensors,

    /// <summary>MXNet's list of arrays.</summary>
    Mxnet,

    /// <summary>Flax's msgpack.</summary>
    Flax,

    /// <summary>NumPy's arrays, one or a zip archive of them; MXNet 2 writes such an archive.</summary>
    Npz,

    /// <summary>ONNX Runtime's on-device training.</summary>
    Ort,

    /// <summary>ONNX: a network with its weights, of which the latter are taken.</summary>
    Onnx,
}

/// <summary>What a checkpoint file holds, before the weights are taken out.</summary>
/// <param name="Path">The file.</param>
/// <param name="Root">The outermost dictionary.</param>
/// <param name="Metadata">Plain facts beside the tensors.</param>
/// <param name="Owner">The mappings below the tensors.</param>
public sealed record CheckpointContent(
    string Path, PyDict Root, IReadOnlyDictionary<string, string> Metadata, IDisposable Owner) : IDisposable
{
    /// <summary>What kind of file it is.</summary>
    public CheckpointFormat Format { get; init; }

    /// <summary>Unmaps the file: its tensors cannot be read any more.</summary>
    public void Dispose() => Owner.Dispose();

    internal UserException Fault(string flaw) => new($"Cannot read \"{Path}\": {flaw}.");
}
