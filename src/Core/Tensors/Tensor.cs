using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>
/// A constant array: element type, shape, and bytes (little-endian, C order) that are fetched when asked for.
/// The bytes may lie in memory, in a mapped file, or be computed; a tensor itself costs almost nothing.
/// </summary>
/// <param name="type">Element type.</param>
/// <param name="shape">Dimensions; empty for a scalar.</param>
/// <param name="bytes">Gives the content; called at each use, so a computed tensor is never kept twice.</param>
public sealed partial class Tensor(DType type, long[] shape, Func<ReadOnlyMemory<byte>> bytes)
{
    /// <summary>Type of the elements.</summary>
    public DType Type { get; } = type;

    /// <summary>Sizes, the outermost first; empty for a scalar.</summary>
    public long[] Shape { get; } = shape;

    /// <summary>Number of elements.</summary>
    public long Count { get; } = shape.Aggregate(1L, (product, d) => checked(product * d));

    /// <summary>Size of the content in bytes.</summary>
    public long ByteCount => Type.Bytes(Count);

    /// <summary>Elements of a string tensor; null for every other type.</summary>
    public string[]? Strings { get; init; }

    /// <summary>The content; computed or mapped at this call.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes();

    /// <summary>Wraps an array without copying it.</summary>
    public static Tensor Of<T>(T[] data, params long[] shape) where T : unmanaged => Over<T>(data, shape);

    /// <summary>Shows memory as a tensor, without copying it: what is written there later is seen.</summary>
    public static Tensor Over<T>(Memory<T> data, params long[] shape) where T : unmanaged
    {
        var tensor = new Tensor(DTypes.Of<T>(), shape, () => new CastMemory<T>(data).Memory);
        return tensor.Count == data.Length ? tensor : throw new ArgumentException(
            $"{data.Length} elements do not fill the shape [{string.Join(", ", shape)}].");
    }

    /// <summary>A one-dimensional tensor of integers, such as axes or sizes.</summary>
    public static Tensor Ints(params long[] values) => Of(values, values.Length);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor Scalar<T>(T value) where T : unmanaged => Of([value]);

    /// <summary>A tensor whose elements are computed when they are read.</summary>
    public static Tensor Lazy<T>(Func<T[]> make, params long[] shape) where T : unmanaged =>
        new(DTypes.Of<T>(), shape, () => Of(make(), shape).Bytes);

    /// <summary>One value everywhere; made when it is read.</summary>
    public static Tensor Filled(float value, params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, d) => checked(product * d));
        return new(DType.Float32, shape, () => Of([.. Enumerable.Repeat(value, checked((int)count))], count).Bytes);
    }

    /// <summary>A tensor of texts, which lie in <see cref="Strings"/> and not in its bytes.</summary>
    public static Tensor OfStrings(string[] values, params long[] shape) =>
        new(DType.String, shape, () => default) { Strings = values };

    /// <summary>The content as elements of <typeparamref name="T"/>, which must match <see cref="Type"/>.</summary>
    public ReadOnlySpan<T> Span<T>() where T : unmanaged => Type == DTypes.Of<T>()
        ? MemoryMarshal.Cast<byte, T>(Bytes.Span)
        : throw new InvalidOperationException($"The tensor holds {Type}, not {DTypes.Of<T>()}.");

    /// <summary>The content as float32, converted from any real type.</summary>
    public float[] ToFloats() => Type switch
    {
        DType.Float32 => Span<float>().ToArray(),
        DType.Float64 => Convert(Span<double>(), v => (float)v),
        DType.Float16 => FromHalf(Span<Half>()),
        DType.BFloat16 => Convert(
            MemoryMarshal.Cast<byte, ushort>(Bytes.Span), v => BitConverter.UInt32BitsToSingle((uint)v << 16)),
        DType.Int64 => Convert(Span<long>(), v => (float)v),
        DType.Int32 => Convert(Span<int>(), v => (float)v),
        DType.Int16 => Convert(Span<short>(), v => (float)v),
        DType.Int8 => Convert(Span<sbyte>(), v => (float)v),
        DType.UInt8 => Convert(Span<byte>(), v => (float)v),
        DType.Bool => Convert(Bytes.Span, v => v == 0 ? 0f : 1f),
        _ => throw new UserException($"A tensor of {Type} cannot be used as float32."),
    };

    /// <summary>The content of an integer tensor.</summary>
    public long[] ToInts() => Type switch
    {
        DType.Int64 => Span<long>().ToArray(),
        DType.Int32 => Convert(Span<int>(), v => (long)v),
        DType.Bool or DType.UInt8 => Convert(Bytes.Span, v => (long)v),
        _ => throw new UserException($"A tensor of {Type} cannot be used as integers."),
    };

    /// <summary>The same tensor as float32; itself when it is one already.</summary>
    public Tensor AsFloat32() => Type == DType.Float32
        ? this
        : new Tensor(DType.Float32, Shape, () => new CastMemory<float>(ToFloats()).Memory);

    /// <summary>Type and sizes, such as <c>Float32[64, 3, 7, 7]</c>; no content.</summary>
    public override string ToString() => $"{Type}[{string.Join(", ", Shape)}]";

    static TOut[] Convert<TIn, TOut>(ReadOnlySpan<TIn> from, Func<TIn, TOut> convert)
    {
        var to = new TOut[from.Length];
        for (var i = 0; i < to.Length; i++)
            to[i] = convert(from[i]);
        return to;
    }

    static float[] FromHalf(ReadOnlySpan<Half> from)
    {
        var to = new float[from.Length];
        TensorPrimitives.ConvertToSingle(from, to);
        return to;
    }
}
