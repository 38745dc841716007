using System.Security.Cryptography;
using OnnxTimm.Conversion;

namespace OnnxTimm;

/// <summary>A file of weights that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Tensors">How many it holds.</param>
/// <param name="Sha256">The hash of the file, in hexadecimal digits.</param>
public sealed record SavedWeights(string Path, int Tensors, string Sha256)
{
    const string Extension = ".safetensors";

    /// <summary>What the checkpoint of a training says that is true of its weights by themselves.</summary>
    static readonly string[] Kept = ["timm.", "onnxtimm.preprocess", "onnxtimm.labels", "onnxtimm.multi_label",
        "onnxtimm.param_count", "onnxtimm.version", "args"];

    /// <summary>The file that is written: nothing that is there is overwritten.</summary>
    /// <param name="path">As it was asked for; its ending may be left out.</param>
    /// <param name="mayBeThere">Whether another file is written in the end.</param>
    /// <exception cref="UserException">It ends otherwise, or is there.</exception>
    internal static string Place(string path, bool mayBeThere = false)
    {
        var ending = System.IO.Path.GetExtension(path);
        if (ending is not ("" or Extension))
            throw new UserException($"\"{path}\" ends in {ending}: weights are written as {Extension}.");
        var file = ending.Length > 0 ? path : path + Extension;
        return mayBeThere || !File.Exists(file) ? file
            : throw new UserException($"There is a file \"{file}\" already.");
    }

    /// <summary>Writes weights with what their checkpoint says of the network.</summary>
    /// <param name="path">The file; its hash may be put before the ending.</param>
    /// <param name="tensors">The weights.</param>
    /// <param name="metadata">The facts of the checkpoint.</param>
    /// <param name="isHashNamed">Whether the first eight digits of the hash go into the name.</param>
    internal static SavedWeights Write(string path, IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string> metadata, bool isHashNamed)
    {
        var draft = isHashNamed ? $"{path}.{Environment.ProcessId}" : path;
        SafetensorsWriter.Write(draft, tensors, Facts(metadata));
        using (var file = RegularFile.OpenStream(draft))
        {
            var hash = System.Convert.ToHexStringLower(SHA256.HashData(file));
            if (!isHashNamed)
                return new(path, tensors.Count, hash);
            var named = $"{path[..^Extension.Length]}-{hash[..8]}{Extension}";
            File.Move(draft, named, overwrite: true);
            return new(named, tensors.Count, hash);
        }
    }

    /// <summary>The weights are what they are now: there is no average beside them.</summary>
    static Dictionary<string, string> Facts(IReadOnlyDictionary<string, string> metadata) => metadata
        .Where(fact => Kept.Any(key => fact.Key.StartsWith(key, StringComparison.Ordinal)))
        .ToDictionary(fact => fact.Key, fact => fact.Key != "args" ? fact.Value
            : fact.Value.Replace("\nmodel_ema: true\n", "\nmodel_ema: false\n", StringComparison.Ordinal));
}
