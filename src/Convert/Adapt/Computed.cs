using System.Runtime.InteropServices;

namespace OnnxTimm.Conversion;

/// <summary>
/// Tensors whose values are computed in float32 when they are read, and stored in the type of their source.
/// </summary>
static class Computed
{
    public static Tensor Like(Tensor source, long[] shape, Func<float[], float[]> compute) =>
        new(source.Type, shape, () => Encode(source.Type, compute(source.ToFloats())));

    /// <summary>A tensor of two, in the shape and type of the first.</summary>
    public static Tensor Of(Tensor first, Tensor second, Func<float, float, float> compute) =>
        Like(first, first.Shape, values =>
        {
            var others = second.ToFloats();
            return [.. values.Select((value, i) => compute(value, others[i]))];
        });

    static ReadOnlyMemory<byte> Encode(DType type, float[] values) => type switch
    {
        DType.Float32 => Tensor.Of(values, values.Length).Bytes,
        DType.Float64 => Bytes(values, v => (double)v),
        DType.Float16 => Bytes(values, v => (Half)v),
        DType.BFloat16 => Bytes(values, ToBFloat16),
        _ => throw new UserException($"Weights of {type} cannot be adapted; floating-point ones can."),
    };

    static byte[] Bytes<T>(float[] values, Converter<float, T> convert) where T : unmanaged =>
        MemoryMarshal.AsBytes(Array.ConvertAll(values, convert).AsSpan()).ToArray();

    /// <summary>Rounds to the nearest, ties to even.</summary>
    static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7fc0 : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
