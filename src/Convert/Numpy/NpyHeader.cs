using System.Buffers.Binary;
using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>
/// The header of a .npy array (numpy.lib.format, versions 1 to 3): magic, version, length, and a Python dictionary.
/// </summary>
/// <param name="Type">Element type.</param>
/// <param name="Swapped">True where elements are big-endian.</param>
/// <param name="Fortran">True where the first axis lies together.</param>
/// <param name="Shape">Sizes, from zero.</param>
/// <param name="Length">Bytes before the data.</param>
sealed record NpyHeader(DType Type, bool Swapped, bool Fortran, long[] Shape, int Length)
{
    const int MaxLength = 1 << 16;

    /// <summary>Kinds of elements that are no weights, by the letter of their code.</summary>
    static readonly Dictionary<char, string> Foreign = new()
    {
        { 'O', "Python objects" },
        { 'c', "complex numbers" },
        { 'U', "texts" },
        { 'S', "texts" },
        { 'a', "texts" },
        { 'T', "texts" },
        { 'M', "dates" },
        { 'm', "spans of time" },
        { 'V', "raw bytes or structures" },
        { 'f', "floats of an unusual size" },
    };

    static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static bool Resembles(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    /// <param name="from">The array from its first byte.</param>
    /// <param name="fault">Makes the message from what the array has or does.</param>
    public static NpyHeader Read(Stream from, Func<string, UserException> fault)
    {
        try
        {
            var start = Take(from, 8);
            if (!Resembles(start))
                throw fault("is no .npy array");
            if (start[6] is not (1 or 2 or 3) || start[7] != 0)
                throw fault($"has the .npy version {start[6]}.{start[7]}, none of 1.0, 2.0, 3.0");
            var field = Take(from, start[6] == 1 ? 2 : 4);
            var length = field.Length == 2
                ? BinaryPrimitives.ReadUInt16LittleEndian(field)
                : BinaryPrimitives.ReadUInt32LittleEndian(field);
            if (length > MaxLength)
                throw fault($"has a header of {length} bytes, more than {MaxLength}");
            var text = Take(from, (int)length);
            return Parse(
                start[6] == 3 ? ByteCursor.Decode(text, fault) : Encoding.Latin1.GetString(text),
                start.Length + field.Length + text.Length, fault);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw fault("ends within its header or cannot be unpacked");
        }
    }

    static byte[] Take(Stream from, int count)
    {
        var taken = new byte[count];
        from.ReadExactly(taken);
        return taken;
    }

    static NpyHeader Parse(string text, int length, Func<string, UserException> fault)
    {
        if (new PythonLiteral(text, fault).Read() is not PyDict { Count: 3 } facts
            || !facts.TryGetValue("descr", out var descr)
            || facts.GetValueOrDefault("fortran_order") is not bool fortran
            || facts.GetValueOrDefault("shape") is not List<object?> sizes)
            throw fault("has a header without exactly descr, fortran_order and shape");
        if (!sizes.All(size => size is long and >= 0))
            throw fault($"has the shape ({string.Join(", ", sizes)})");
        var (type, swapped) = Element(descr, fault);
        return new NpyHeader(type, swapped, fortran, [.. sizes.Cast<long>()], length);
    }

    /// <summary>
    /// An element type such as <c>&lt;f4</c>: byte order, then code. NumPy has no bfloat16 and saves its two bytes raw.
    /// </summary>
    static (DType Type, bool Swapped) Element(object? descr, Func<string, UserException> fault)
    {
        if (descr is not string text)
            throw fault("holds structures; only numbers and bools are read");
        var code = text.TrimStart('<', '>', '|', '=');
        var type = code == "V2" ? DType.BFloat16 : NumpyTypes.Codes.GetValueOrDefault(code);
        if (text.Length - code.Length > 1 || type is DType.Undefined or DType.Complex64 or DType.Complex128)
            throw fault($"holds {Foreign.GetValueOrDefault(code.FirstOrDefault(), "elements of an unknown type")} "
                + $"(\"{text}\"); only numbers and bools are read");
        return (type, text[0] == '>' && type.Bits() > 8);
    }
}
