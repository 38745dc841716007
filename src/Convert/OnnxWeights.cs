using OnnxTimm.Onnx;

namespace OnnxTimm.Conversion;

/// <summary>
/// The weights in an ONNX file, under the names of its initializers. A file that was written with its norms has timm's
/// names; one of another program has what its exporter made of them.
/// </summary>
static class OnnxWeights
{
    /// <summary>The tags of ModelProto's fields behind ir_version, which is written first (onnx.proto).</summary>
    static ReadOnlySpan<byte> Tags => [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72];

    static readonly DType[] Floats = [DType.Float32, DType.Float16, DType.BFloat16, DType.Float64];

    /// <summary>True when the content begins as a model of ONNX does: with its version of the format.</summary>
    public static bool Resembles(ReadOnlySpan<byte> head) =>
        head.Length > 3 && head[0] == 0x08 && head[1] is > 0 and < 0x40 && Tags.Contains(head[2]);

    public static CheckpointContent Read(MappedFile file)
    {
        var graph = OnnxFile.Read(file.Path);
        var root = new PyDict();
        foreach (var weight in graph.IsForeign ? graph.Stored.Where(v => Floats.Contains(v.Type)) : graph.Weights)
            root[weight.Name] = weight.Data;
        return new(file.Path, root, graph.Metadata, file);
    }
}
