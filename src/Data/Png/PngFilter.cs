using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>
/// Takes the filters off rows of a PNG (PNG specification, section 9): a sample was replaced by its difference to what
/// its neighbours let expect. All samples of a pixel are treated at once.
/// </summary>
static class PngFilter
{
    /// <summary>Bytes that rows have beyond their end, since whole words are read and written.</summary>
    public const int Rest = 16;

    /// <param name="filter">Its number.</param>
    /// <param name="raw">The row as in the file, and <see cref="Rest"/>.</param>
    /// <param name="above">The row above, and <see cref="Rest"/>.</param>
    /// <param name="row">What is written: another buffer, as long.</param>
    /// <param name="step">Bytes from a pixel to the next: from 1 to 8.</param>
    /// <exception cref="InvalidDataException">No such filter.</exception>
    public static void Undo(int filter, ReadOnlySpan<byte> raw, ReadOnlySpan<byte> above, Span<byte> row, int step)
    {
        switch (filter)
        {
            case 0: raw.CopyTo(row); break;
            case 1: UndoSub(raw, row, step); break;
            case 2: UndoUp(raw, above, row); break;
            case 3: UndoAverage(raw, above, row, step); break;
            case 4: UndoPaeth(raw, above, row, step); break;
            default: throw new InvalidDataException($"row filter {filter} does not exist");
        }
    }

    static void UndoSub(ReadOnlySpan<byte> raw, Span<byte> row, int step)
    {
        var left = Vector128<byte>.Zero;
        for (var i = 0; i < raw.Length - Rest; i += step)
        {
            left += Eight(raw, i);
            Put(left, row, i);
        }
    }

    static void UndoUp(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> above, Span<byte> row)
    {
        for (var i = 0; i < raw.Length - Rest; i += Vector128<byte>.Count)
            (Vector128.Create(raw[i..]) + Vector128.Create(above[i..])).CopyTo(row[i..]);
    }

    static void UndoAverage(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> above, Span<byte> row, int step)
    {
        var left = Vector128<ushort>.Zero;
        for (var i = 0; i < raw.Length - Rest; i += step)
        {
            var mean = Vector128.ShiftRightLogical(left + Vector128.WidenLower(Eight(above, i)), 1);
            var sum = Eight(raw, i) + Vector128.Narrow(mean, mean);
            Put(sum, row, i);
            left = Vector128.WidenLower(sum);
        }
    }

    static void UndoPaeth(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> above, Span<byte> row, int step)
    {
        var (left, corner) = (Vector128<short>.Zero, Vector128<short>.Zero);
        for (var i = 0; i < raw.Length - Rest; i += step)
        {
            var up = Vector128.WidenLower(Eight(above, i)).AsInt16();
            var nearest = Nearest(left, up, corner);
            var sum = Eight(raw, i) + Vector128.Narrow(nearest, nearest).AsByte();
            Put(sum, row, i);
            (left, corner) = (Vector128.WidenLower(sum).AsInt16(), up);
        }
    }

    /// <summary>Which of three neighbours is nearest to left + up - corner; of several the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<short> Nearest(Vector128<short> left, Vector128<short> up, Vector128<short> corner)
    {
        var (a, b) = (up - corner, left - corner);
        var c = Vector128.Abs(a + b);
        (a, b) = (Vector128.Abs(a), Vector128.Abs(b));
        var least = Vector128.Min(Vector128.Min(a, b), c);
        var other = Vector128.ConditionalSelect(Vector128.Equals(least, b), up, corner);
        return Vector128.ConditionalSelect(Vector128.Equals(least, a), left, other);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Eight(ReadOnlySpan<byte> bytes, int at) =>
        Vector128.CreateScalarUnsafe(MemoryMarshal.Read<ulong>(bytes[at..])).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(Vector128<byte> value, Span<byte> bytes, int at) =>
        MemoryMarshal.Write(bytes[at..], value.AsUInt64().ToScalar());
}
