using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>
/// Makes a value inside a network an output without reading the network: two protobuf messages, one after the other,
/// are their union, so that a few bytes behind a file add to its list of outputs.
/// </summary>
static class FurtherOutput
{
    /// <summary>Fields of onnx.proto: ModelProto.graph, GraphProto.output, ValueInfoProto.name.</summary>
    const int Graph = 7, Output = 12, Name = 1;

    /// <summary>ONNX Runtime's key for the folder of external data of a model that lies in memory.</summary>
    const string FolderKey = "session.model_external_initializers_file_folder_path";

    /// <param name="file">An .onnx file.</param>
    /// <param name="output">Name of the value.</param>
    /// <param name="options">Options, to which the folder of the file is added.</param>
    public static InferenceSession Load(string file, string output, SessionOptions options)
    {
        options.AddSessionConfigEntry(FolderKey, Path.GetDirectoryName(Path.GetFullPath(file)) ?? "");
        return new([.. RegularFile.ReadBytes(file), .. Of(output)], options);
    }

    internal static byte[] Of(string output) =>
        Field(Graph, Field(Output, Field(Name, Encoding.UTF8.GetBytes(output))));

    /// <summary>A field of bytes: its number and kind, its length, its content.</summary>
    static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Varint(content.Length), .. content];

    static IEnumerable<byte> Varint(int value)
    {
        for (; value > 127; value >>= 7)
            yield return (byte)(value | 128);
        yield return (byte)value;
    }
}
