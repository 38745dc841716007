using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>An initializer in a file: its message without raw_data, and where that lies.</summary>
/// <param name="Header">The message.</param>
/// <param name="Raw">Offset and length of raw_data; null where the message has none.</param>
sealed record StoredTensor(TensorProto Header, (long Offset, long Length)? Raw);

/// <summary>A model file taken apart: messages of Google.Protobuf; content of tensors is left where it is.</summary>
/// <param name="Model">The model without its graph.</param>
/// <param name="Graph">The graph without its initializers.</param>
/// <param name="Tensors">The initializers.</param>
sealed record ModelParts(ModelProto Model, GraphProto Graph, IReadOnlyList<StoredTensor> Tensors)
{
    /// <exception cref="UserException">The source is no ONNX model, or a damaged one.</exception>
    public static ModelParts Of(ByteSource source)
    {
        var fields = new WireFields(source);
        var (model, graph, tensors) = (new Message(source), new Message(source), new List<StoredTensor>());
        foreach (var field in fields.Between(0, source.Length))
            if (field is not { IsBytes: true, Number: ModelProto.GraphFieldNumber })
                model.Add(field);
            else
                foreach (var inner in fields.Between(field.Body, field.End))
                    if (inner is { IsBytes: true, Number: GraphProto.InitializerFieldNumber })
                        tensors.Add(Tensor(source, fields, inner));
                    else
                        graph.Add(inner);
        var parsed = model.Parse(ModelProto.Parser);
        return parsed.HasIrVersion && (graph.Any || tensors.Count > 0)
            ? new(parsed, graph.Parse(GraphProto.Parser), tensors)
            : throw source.Fault("it is no ONNX model: no IR version or no graph is in it");
    }

    static StoredTensor Tensor(ByteSource source, WireFields fields, WireField tensor)
    {
        var message = new Message(source);
        (long, long)? raw = null;
        foreach (var field in fields.Between(tensor.Body, tensor.End))
            if (field is { IsBytes: true, Number: TensorProto.RawDataFieldNumber })
                raw = (field.Body, field.End - field.Body);
            else
                message.Add(field);
        return new(message.Parse(TensorProto.Parser), raw);
    }

    /// <summary>A message gathered from fields; protobuf lets them be concatenated.</summary>
    sealed class Message(ByteSource source)
    {
        readonly List<(long Start, long End)> runs = [];

        public bool Any => runs.Count > 0;

        public void Add(WireField field)
        {
            if (runs.Count > 0 && runs[^1].End == field.Start)
                runs[^1] = (runs[^1].Start, field.End);
            else
                runs.Add((field.Start, field.End));
        }

        public T Parse<T>(MessageParser<T> parser) where T : IMessage<T>, new()
        {
            var message = new T();
            try
            {
                foreach (var (start, end) in runs)
                    message.MergeFrom(source.Bytes(start, end - start).Span);
                return message;
            }
            catch (InvalidProtocolBufferException e)
            {
                throw source.Fault($"it is no ONNX model, or damaged: {e.Message}", e);
            }
        }
    }
}
