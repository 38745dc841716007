using OnnxTimm.Data;

namespace OnnxTimm.Cli.Results;

static class SizeFields
{
    /// <summary>What a model takes of an image, for scripts: timm's img_size, or side and number of patches.</summary>
    /// <param name="config">How images are prepared.</param>
    /// <param name="prefix">What stands before the names.</param>
    public static IEnumerable<(string Name, object? Value)> Fields(this DataConfig config, string prefix = "")
    {
        if (config.Patches is not { } patches)
            yield return ($"{prefix}img_size", config.Height);
        else
        {
            yield return ($"{prefix}patch_size", patches.Side);
            yield return ($"{prefix}max_seq_len", patches.MaxSeqLen);
        }
    }
}
