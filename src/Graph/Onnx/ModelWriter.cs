using System.Security.Cryptography;
using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>
/// Writes a model as a stream: everything but the content of tensors is a small message of Google.Protobuf; the
/// initializers are written by hand after it, one at a time, their lengths known in advance.
/// </summary>
sealed class ModelWriter
{
    /// <summary>Bytes that are kept for metadata at the end.</summary>
    const int MostLate = 1024;

    readonly ModelProto model;
    readonly GraphProto graph;
    readonly Value[] initializers;

    public ModelWriter(Graph source, bool weightsAsInputs, bool valueInfo)
    {
        initializers =
        [
            .. weightsAsInputs ? [] : source.Weights,
            .. source.Stored.Where(v => v.Role == Role.Constant),
        ];
        graph = GraphProtos.Of(source, weightsAsInputs ? source.Weights : [], valueInfo);
        model = GraphProtos.Frame(source, initializers);
    }

    /// <summary>Bytes of all tensors.</summary>
    public long ContentBytes => initializers.Sum(v => v.Data!.ByteCount);

    /// <summary>Bytes of the file when all content is inside.</summary>
    /// <exception cref="UserException">They are more than a protobuf may have.</exception>
    public int Length
    {
        get
        {
            var inner = GraphLength(initializers.Select(v => TensorLength(Header(v), inside: true)));
            return Checked(model.CalculateSize() + Tagged(inner));
        }
    }

    /// <param name="stream">Where the model goes.</param>
    /// <param name="external">Where large tensors go; null for into the model.</param>
    /// <param name="late">
    /// Metadata for the end of the file: two messages behind each other are one, by protobuf's rules.
    /// </param>
    /// <param name="isSealed">Whether the file gets its <see cref="Seal"/>.</param>
    public void WriteTo(Stream stream, ExternalData? external = null, LateFact? late = null, bool isSealed = false)
    {
        var headers = initializers.Select(v => Header(v, external)).ToArray();
        var lengths = initializers.Zip(headers, (v, header) => TensorLength(header, Inside(v, external))).ToArray();
        var inner = GraphLength(lengths);
        Checked(model.CalculateSize() + Tagged(inner) + MostLate);
        using var output = new CodedOutputStream(stream, 1 << 16, leaveOpen: true);
        model.WriteTo(output);
        WriteTag(output, ModelProto.GraphFieldNumber, inner);
        graph.WriteTo(output);
        var sealing = new Sealing();
        for (var i = 0; i < initializers.Length; i++)
        {
            WriteTag(output, GraphProto.InitializerFieldNumber, lengths[i]);
            headers[i].WriteTo(output);
            var content = initializers[i].Data!;
            using var sha = isSealed && content.Strings is null ? SHA256.Create() : null;
            if (!Inside(initializers[i], external))
                external!.Write(content, sha);
            else if (content.Strings is null)
                WriteContent(output, stream, content, sha);
            sealing.Add(headers[i], sha);
        }
        if (late is not null)
            model.MergeFrom(Written(output, late.Key, late.Value.GetAwaiter().GetResult()));
        if (isSealed)
            Written(output, Seal.Key, sealing.Finish(graph, model).Text);
    }

    static ModelProto Written(CodedOutputStream output, string key, string value)
    {
        var metadata = GraphProtos.Metadata(key, value);
        metadata.WriteTo(output);
        return metadata;
    }

    static void WriteContent(CodedOutputStream output, Stream stream, Tensor content, SHA256? sha)
    {
        WriteTag(output, TensorProto.RawDataFieldNumber, content.ByteCount);
        output.Flush();
        Sealing.Through(stream, sha, content);
    }

    static TensorProto Header(Value value, ExternalData? external = null)
    {
        var header = TensorProtos.Header(value);
        if (!Inside(value, external))
            external!.Place(header, value.Data!);
        return header;
    }

    static bool Inside(Value value, ExternalData? external) => external is null || !ExternalData.Takes(value.Data!);

    static long TensorLength(TensorProto header, bool inside) =>
        header.CalculateSize() + (inside && header.DataType != (int)DType.String ? Tagged(RawBytes(header)) : 0);

    long GraphLength(IEnumerable<long> tensors) => graph.CalculateSize() + tensors.Sum(Tagged);

    int Checked(long bytes) => bytes <= int.MaxValue ? (int)bytes : throw new UserException(
        $"\"{graph.Name}\" has {bytes} bytes, a single ONNX file has at most 2 GiB: write the weights beside it.");

    static long RawBytes(TensorProto header) =>
        ((DType)header.DataType).Bytes(header.Dims.Aggregate(1L, (product, d) => product * d));

    /// <summary>Bytes of a field with its length; the tags of all fields that are written here take one byte.</summary>
    static long Tagged(long length) => 1 + CodedOutputStream.ComputeUInt64Size((ulong)length) + length;

    static void WriteTag(CodedOutputStream output, int field, long length)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength((int)length);
    }
}
