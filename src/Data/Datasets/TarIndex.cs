using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Data;

/// <summary>A file in a tar archive: its path, and where its bytes are.</summary>
readonly record struct TarEntry(string Name, long Offset, long Length);

/// <summary>
/// Lists the files of a tar archive (POSIX ustar and pax, GNU long names) by reading its headers only.
/// Nothing is believed that lies beyond the end of the file. A tar in the tar is listed as a folder.
/// </summary>
static class TarIndex
{
    const int Block = 512;
    const int LongestName = 1 << 16;
    const int Nesting = 2;

    /// <summary>The files of an archive, in its order.</summary>
    public static List<TarEntry> Read(SafeFileHandle file, string path)
    {
        var entries = new List<TarEntry>();
        Read(file, path, new TarEntry("", 0, RandomAccess.GetLength(file)), Nesting, entries);
        return entries;
    }

    /// <summary>Fills <paramref name="bytes"/> from an offset on; false where the file ends before.</summary>
    public static bool TryRead(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        for (int read; !bytes.IsEmpty; bytes = bytes[read..], offset += read)
            if ((read = RandomAccess.Read(file, bytes, offset)) == 0)
                return false;
        return true;
    }

    static void Read(SafeFileHandle file, string path, TarEntry archive, int nesting, List<TarEntry> entries)
    {
        var (at, end) = (archive.Offset, archive.Offset + archive.Length);
        (string? Name, long? Size) real = default;
        Span<byte> header = stackalloc byte[Block];
        while (at + Block <= end && TryRead(file, header, at) && header.ContainsAnyExcept((byte)0))
        {
            if (!HasChecksum(header))
                throw new UserException(
                    $"{path} is no tar archive (a packed one must be unpacked), or damaged at byte {at}.");
            var type = (char)header[156];
            var entry = new TarEntry(real.Name ?? Name(header), at + Block, real.Size ?? Number(header.Slice(124, 12)));
            at = HasContent(type) ? End(entry, end, path) : entry.Offset;
            real = type switch
            {
                'L' => (Text(Content(file, path, entry)), real.Size),
                'x' => Pax(Content(file, path, entry)),
                _ => default,
            };
            if (type is '0' or '\0' or '7')
                Add(file, path, entry with { Name = archive.Name + WithoutDot(entry.Name) }, nesting, entries);
        }
    }

    static void Add(SafeFileHandle file, string path, TarEntry entry, int nesting, List<TarEntry> entries)
    {
        if (nesting > 1 && entry.Name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            Read(file, path, entry with { Name = entry.Name[..^4] + "/" }, nesting - 1, entries);
        else
            entries.Add(entry);
    }

    /// <summary>Links, devices and folders have none, whatever their size says.</summary>
    static bool HasContent(char type) => type is not (>= '1' and <= '6');

    /// <summary>Where the next header is.</summary>
    static long End(TarEntry entry, long end, string path) => entry.Length >= 0 && entry.Length <= end - entry.Offset
        ? entry.Offset + (entry.Length + Block - 1) / Block * Block
        : throw new UserException(
            $"{path} is cut short: {entry.Name} has {entry.Length} bytes from {entry.Offset} on, the end is at {end}.");

    static string WithoutDot(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;

    static byte[] Content(SafeFileHandle file, string path, TarEntry entry)
    {
        if (entry.Length > LongestName)
            throw new UserException($"{path}: a name of {entry.Length} bytes before byte {entry.Offset} is too long.");
        var bytes = new byte[entry.Length];
        TryRead(file, bytes, entry.Offset);
        return bytes;
    }

    /// <summary>Records of the form "length key=value\n"; path and size replace what the next header says.</summary>
    static (string? Name, long? Size) Pax(ReadOnlySpan<byte> records)
    {
        string? name = null;
        long? size = null;
        for (var space = records.IndexOf((byte)' '); space > 0; space = records.IndexOf((byte)' '))
        {
            if (!int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > records.Length)
                break;
            var pair = Text(records[(space + 1)..(length - 1)]);
            if (pair.StartsWith("path=", StringComparison.Ordinal))
                name = pair[5..];
            if (pair.StartsWith("size=", StringComparison.Ordinal) && long.TryParse(pair.AsSpan(5), out var bytes))
                size = bytes;
            records = records[length..];
        }
        return (name, size);
    }

    static string Name(ReadOnlySpan<byte> header)
    {
        var name = Text(header[..100]);
        var isPosix = header.Slice(257, 6).SequenceEqual("ustar\0"u8);
        var prefix = isPosix ? Text(header.Slice(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    static string Text(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);

    /// <summary>Octal digits, or a binary number after a set top bit; -1 where it is neither.</summary>
    static long Number(ReadOnlySpan<byte> field)
    {
        if (field[0] == 0x80)
            return BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
        var value = 0L;
        foreach (var c in field.Trim(" \0"u8))
            value = c is >= (byte)'0' and <= (byte)'7' && value >= 0 ? value * 8 + (c - '0') : -1;
        return value;
    }

    static bool HasChecksum(ReadOnlySpan<byte> header)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
            sum += i is >= 148 and < 156 ? 0 : header[i];
        return Number(header.Slice(148, 8)) == sum;
    }
}
