namespace OnnxTimm;

/// <summary>
/// The weights of a checkpoint alone, without optimizer, counters and whatever else lies beside them
/// (clean_checkpoint.py of timm).
/// </summary>
public static class CleanedWeights
{
    /// <summary>What the further batch norms of separate looks (SplitBatchNorm2d) are called.</summary>
    internal const string AuxiliaryNorm = "aux_bn";

    static readonly string[] Endings =
        [".pth.tar", ".pth", ".pt", ".tar", ".bin", ".ckpt", ".safetensors", ".params", ".npz"];

    /// <summary>Writes them as safetensors, under plain names, as they are.</summary>
    /// <param name="checkpoint">The file.</param>
    /// <param name="output">Where to; null for the checkpoint's name in the current folder.</param>
    /// <param name="useEma">Whether an average is taken, where there is one.</param>
    /// <param name="isHashNamed">Whether the first digits of the hash go into the name.</param>
    /// <param name="withoutAuxiliaryNorms">Leaves out the batch norms of further looks.</param>
    /// <exception cref="UserException">The checkpoint cannot be read, or the place is taken.</exception>
    public static SavedWeights Write(string checkpoint, string? output = null, bool useEma = true,
        bool isHashNamed = true, bool withoutAuxiliaryNorms = false)
    {
        var name = Path.GetFileName(checkpoint);
        var path = SavedWeights.Place(output ?? $"{name[..^Endings.Where(e =>
            name.EndsWith(e, StringComparison.Ordinal)).Select(e => e.Length).FirstOrDefault()]}.safetensors",
            mayBeThere: output is null && isHashNamed);
        using var weights = ModelLoader.Open(checkpoint, useEma);
        KeyValuePair<string, Tensor>[] kept = [.. weights.Where(w => !withoutAuxiliaryNorms
            || !w.Key.Contains(AuxiliaryNorm, StringComparison.Ordinal))];
        return SavedWeights.Write(path, kept, weights.Metadata, isHashNamed);
    }
}
