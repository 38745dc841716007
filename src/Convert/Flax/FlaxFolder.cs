using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>The newest checkpoint in a folder that a training filled.</summary>
static partial class FlaxFolder
{
    /// <summary>
    /// The file of the highest number: <c>ckpt-N.flax</c>, which clu writes beside TensorFlow's files without weights,
    /// or <c>checkpoint_N</c> of flax.training.checkpoints; null where there is neither.
    /// </summary>
    /// <exception cref="UserException">The folder is closed to reading.</exception>
    public static string? Newest(string folder)
    {
        var files = Files(folder);
        return files.Where(file => Clu().IsMatch(Path.GetFileName(file))).Max(NaturalOrder.Instance)
            ?? files.Where(file => Flax().IsMatch(Path.GetFileName(file))).Max(NaturalOrder.Instance);
    }

    static string[] Files(string folder)
    {
        try
        {
            return Directory.GetFiles(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot open \"{folder}\": {e.Message}", e);
        }
    }

    [GeneratedRegex("^ckpt-[0-9]+\\.flax$")]
    private static partial Regex Clu();

    [GeneratedRegex("^checkpoint_[0-9]+$")]
    private static partial Regex Flax();
}
