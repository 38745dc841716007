using System.Globalization;

namespace OnnxTimm.Conversion;

/// <summary>The unpickled object of a PyTorch file as a checkpoint's content.</summary>
static class TorchContent
{
    public static CheckpointContent Of(MappedFile file, object? root) => root is PyDict { Count: > 0 } dict
        ? new CheckpointContent(file.Path, dict, Facts(dict), file)
        : throw file.Fault($"it holds {Describe(root)}, where a dictionary of tensors is expected");

    /// <summary>Numbers and texts beside the tensors, such as epoch, arch and metric.</summary>
    static Dictionary<string, string> Facts(PyDict root) => root
        .Where(entry => entry is { Key: string, Value: string or long or double or bool })
        .ToDictionary(
            entry => (string)entry.Key, entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture)!);

    static string Describe(object? root) => root switch
    {
        PyDict => "an empty dictionary",
        List<object?> list => $"a list of {list.Count}",
        Tensor tensor => $"one tensor, {tensor}",
        PyOpaque opaque => opaque.Described,
        null => "nothing",
        _ => "something else",
    };
}
