using System.Security.Cryptography;
using System.Text;
using OnnxTimm.Conversion;

namespace OnnxTimm.Train;

/// <summary>
/// The file of a training: safetensors with the weights under timm's names, their average below <c>ema.</c>, the
/// optimizer's state below <c>optimizer.SLOT.</c>, and everything else as metadata. A hash over all of it is checked
/// when it is read.
/// </summary>
public static class TrainCheckpoint
{
    /// <summary>Of the files, with the dot.</summary>
    public const string Extension = ".safetensors";

    /// <summary>The fact that has the options of the training, as args.yaml.</summary>
    public const string ArgsKey = "args";

    const string Version = "1";
    const string HashKey = "onnxtimm.sha256";

    /// <summary>Writes a file; it appears complete or not at all.</summary>
    /// <exception cref="UserException">The folder cannot be written to.</exception>
    public static void Write(
        string path,
        IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string> facts)
    {
        var all = new Dictionary<string, string>(facts) { [TrainingKeys.Version] = Version };
        all[HashKey] = Hash(tensors, all);
        SafetensorsWriter.Write(path, tensors, all);
    }

    /// <summary>Reads a file and checks it; the tensors stay mapped until it is disposed.</summary>
    /// <exception cref="UserException">The file is absent, damaged, or no checkpoint of a training.</exception>
    public static StateDict Read(string path)
    {
        var content = Checkpoint.Read(path);
        try
        {
            var result = new StateDict(path, content);
            foreach (var (name, value) in content.Root)
                if (name is string key && value is Tensor tensor)
                    result[key] = tensor;
            foreach (var (key, value) in content.Metadata)
                result.Metadata[key] = value;
            Check(result);
            return result;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>The metadata of a file, unchecked; null where it is no checkpoint of a training.</summary>
    /// <exception cref="UserException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, string>? Facts(string path)
    {
        using var content = Checkpoint.Read(path);
        return content.Metadata.ContainsKey(TrainingKeys.Version) ? content.Metadata : null;
    }

    /// <summary>Whether a file that was read says that it is the checkpoint of a training.</summary>
    public static bool Is(StateDict file) => file.Metadata.ContainsKey(TrainingKeys.Version);

    static void Check(StateDict file)
    {
        if (!file.Metadata.TryGetValue(TrainingKeys.Version, out var version))
            throw new UserException($"\"{file.Source}\" holds weights, not the state of a training: "
                + "give it as --initial-checkpoint, or resume from a checkpoint that this program wrote.");
        if (version != Version)
            throw new UserException(
                $"\"{file.Source}\" is a checkpoint of another version; this program reads version {Version}.");
        if (file.Metadata.GetValueOrDefault(HashKey) != Hash(file, file.Metadata))
            throw new UserException(
                $"\"{file.Source}\" is damaged: its content does not have the hash that was written with it. "
                + "Resume from another checkpoint of the folder.");
    }

    static string Hash(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> facts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in facts.Where(f => f.Key is not (HashKey or "format"))
            .OrderBy(f => f.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        foreach (var (name, tensor) in tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor}\n"));
            hash.AppendData(tensor.Bytes.Span);
        }
        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
