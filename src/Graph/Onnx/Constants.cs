using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>The forms in which a Constant node gives its value.</summary>
static class Constants
{
    /// <summary>The value, or null for one that is sparse or absent.</summary>
    public static Tensor? Read(NodeProto node, TensorReader tensors)
    {
        var attribute = node.Attribute.FirstOrDefault(a => a.Name.StartsWith("value", StringComparison.Ordinal));
        return attribute is null ? null : AttributeProtos.Read(attribute, tensors) switch
        {
            Tensor tensor => tensor,
            float value => Tensor.Scalar(value),
            long value => Tensor.Scalar(value),
            string value => Tensor.OfStrings([value]),
            float[] values => Tensor.Of(values, values.Length),
            long[] values => Tensor.Of(values, values.Length),
            string[] values => Tensor.OfStrings(values, values.Length),
            _ => null,
        };
    }
}
