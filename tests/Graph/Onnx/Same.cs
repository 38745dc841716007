using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxTimm.Tests.Onnx;

/// <summary>Two model files that must be the same to ONNX Runtime.</summary>
static class Same
{
    /// <summary>
    /// Both load, with equal interfaces, and give equal outputs for equal inputs; or neither loads or runs, as with the
    /// operators of a training build.
    /// </summary>
    /// <returns>Whether they ran.</returns>
    public static bool InOnnxRuntime(byte[] expected, byte[] got, string what)
    {
        var (first, second) = (Run(expected), Run(got));
        Assert.AreEqual(first is null, second is null, $"{what}: only one runs");
        if (first is null || second is null)
            return false;
        CollectionAssert.AreEqual(first.Keys.ToArray(), second.Keys.ToArray(), what);
        foreach (var (name, values) in first)
            Assert.IsTrue(values.AsSpan().SequenceEqual(second[name]), $"{what}: {name} differs");
        return true;
    }

    /// <summary>Outputs as bytes, or null where the file does not load or run.</summary>
    static Dictionary<string, byte[]>? Run(byte[] model)
    {
        try
        {
            using var options = Ort.Options(GraphOptimizationLevel.ORT_DISABLE_ALL);
            using var session = new InferenceSession(model, options);
            using var run = new RunOptions();
            if (session.InputMetadata.Values.Any(input => !input.IsTensor))
                return null;
            var inputs = session.InputNames.Select(name => Input(name, session.InputMetadata[name])).ToArray();
            using var results = session.Run(run, session.InputNames, inputs, session.OutputNames);
            var outputs = session.OutputNames.Zip(results).ToDictionary(o => o.First, o => Bytes(o.Second));
            foreach (var input in inputs)
                input.Dispose();
            return outputs;
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }

    static byte[] Bytes(OrtValue value) =>
        value.IsTensor ? value.GetTensorMutableRawData().ToArray() : throw new NotSupportedException();

    static OrtValue Input(string name, NodeMetadata type)
    {
        long[] shape = [.. type.Dimensions.Select(d => d < 0 ? 2L : d)];
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type.ElementDataType, shape);
        if (type.ElementDataType == TensorElementType.Float)
            Fill.Input(name, shape).CopyTo(value.GetTensorMutableDataAsSpan<float>());
        else
            value.GetTensorMutableRawData().Clear();
        return value;
    }
}
