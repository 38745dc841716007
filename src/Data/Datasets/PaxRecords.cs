using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Data;

/// <summary>
/// What a pax header says of the member that follows: records of the form "length key=value\n" (POSIX.1-2001), of which
/// only the needed ones are read, however long the others are.
/// </summary>
/// <param name="Name">Its path; null where the header does not say.</param>
/// <param name="Size">Bytes of its content.</param>
/// <param name="IsSparse">Whether it is one of GNU's sparse files (0.0, 0.1, 1.0).</param>
readonly record struct PaxRecords(string? Name, long? Size, bool IsSparse)
{
    /// <summary>Bytes of a name that are believed.</summary>
    public const int LongestName = 1 << 16;

    /// <summary>Bytes that hold a record's length and each key that matters.</summary>
    const int Head = 64;

    /// <summary>Reads a header's records.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="at">Where the records begin.</param>
    /// <param name="end">Where they end, within the file.</param>
    public static PaxRecords Read(SafeFileHandle file, string path, long at, long end)
    {
        var records = default(PaxRecords);
        Span<byte> buffer = stackalloc byte[Head];
        while (at < end)
        {
            var head = buffer[..(int)Math.Min(Head, end - at)];
            if (!TarIndex.TryRead(file, head, at) || head[0] == 0)
                break;
            var space = head.IndexOf((byte)' ');
            if (space <= 0
                || !long.TryParse(head[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > end - at)
                throw new UserException($"{path}: the pax header at byte {at} is damaged.");
            records = records.With(head[(space + 1)..], new(file, path, at + space + 1, at + length - 1));
            at += length;
        }
        return records;
    }

    /// <summary>A sparse file goes by its own name, not by that of its member.</summary>
    PaxRecords With(ReadOnlySpan<byte> head, Pair pair)
    {
        if (head.StartsWith("GNU.sparse.name="u8))
            return this with { Name = TarHeader.Text(pair.Value("GNU.sparse.name=")), IsSparse = true };
        if (head.StartsWith("GNU.sparse."u8))
            return this with { IsSparse = true };
        if (head.StartsWith("path="u8) && !(IsSparse && Name is not null))
            return this with { Name = TarHeader.Text(pair.Value("path=")) };
        return head.StartsWith("size="u8) && long.TryParse(pair.Value("size="), NumberStyles.None,
            CultureInfo.InvariantCulture, out var size) ? this with { Size = size } : this;
    }

    /// <summary>A record's key and value in the file, to before the line's end.</summary>
    readonly record struct Pair(SafeFileHandle File, string Path, long At, long End)
    {
        public byte[] Value(string key)
        {
            var length = End - At - key.Length;
            if (length is < 0 or > LongestName)
                throw new UserException($"{Path}: a name of {length} bytes at byte {At} is too long.");
            var value = new byte[length];
            TarIndex.TryRead(File, value, At + key.Length);
            return value;
        }
    }
}
