using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>Makes the seal of a file, tensor by tensor, while it is written or from what was read.</summary>
sealed class Sealing
{
    readonly List<string> tensors = [];

    /// <summary>The seal of a file that is there.</summary>
    public static Seal Of(ByteSource source, ModelParts parts)
    {
        var (sealing, reader) = (new Sealing(), new TensorReader(source));
        foreach (var tensor in parts.Tensors)
        {
            using var sha = SHA256.Create();
            var isStored = tensor.Raw is not null || tensor.Header.DataLocation == 1;
            if (isStored)
                Through(Stream.Null, sha, reader.Read(tensor));
            sealing.Add(tensor.Header, isStored ? sha : null);
        }
        return sealing.Finish(parts.Graph, parts.Model);
    }

    /// <summary>Writes a tensor's content and, where it is wanted, takes its hash on the way.</summary>
    public static void Through(Stream stream, SHA256? sha, Tensor content)
    {
        if (sha is null)
        {
            content.WriteTo(stream);
            return;
        }
        using var tee = new CryptoStream(stream, sha, CryptoStreamMode.Write, leaveOpen: true);
        content.WriteTo(tee);
    }

    /// <summary>Adds a tensor.</summary>
    /// <param name="header">Its message.</param>
    /// <param name="content">Has taken its content; null where that stands in the message.</param>
    public void Add(TensorProto header, SHA256? content)
    {
        header = header.Clone();
        header.ExternalData.Clear();
        header.ClearDataLocation();
        tensors.Add($"{header.Name} {Hex(header.ToByteArray())} {(content is null ? "" : Hex(content))}");
    }

    /// <param name="graph">The graph without its initializers.</param>
    /// <param name="model">The model without its graph.</param>
    public Seal Finish(GraphProto graph, ModelProto model)
    {
        var frame = model.Clone();
        frame.MetadataProps.Clear();
        frame.ClearProducerVersion();
        var facts = model.MetadataProps.Where(entry => entry.Key != Seal.Key)
            .Select(entry => $"{entry.Key}\0{Hex(entry.ToByteArray())}");
        return new(Hex(tensors), Hex([.. frame.ToByteArray(), .. graph.ToByteArray()]), Hex(facts));
    }

    static string Hex(IEnumerable<string> lines) =>
        Hex(Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal))));

    static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    static string Hex(SHA256 content) => Convert.ToHexStringLower(content.Hash!);
}
