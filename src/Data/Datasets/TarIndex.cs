using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Data;

/// <summary>A file in a tar archive: its path, and where its bytes are.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Offset">Where its content begins.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="IsSparse">Whether the content is one with gaps, which is not read.</param>
readonly record struct TarEntry(string Name, long Offset, long Length, bool IsSparse = false);

/// <summary>
/// Lists the files of a tar archive (POSIX ustar and pax, GNU long names) by reading its headers only.
/// Nothing is believed that lies beyond the end of the file. A tar in the tar is listed as a folder.
/// </summary>
static class TarIndex
{
    const int Nesting = 2;

    /// <summary>The flag in a block of a sparse file's map that says that another one follows.</summary>
    const int MapGoesOn = 504;

    /// <summary>Lists the files of an archive, in its order, up to the end or to what is wrong with it.</summary>
    /// <returns>What is wrong; null for nothing.</returns>
    public static UserException? Read(SafeFileHandle file, string path, List<TarEntry> entries)
    {
        try
        {
            Read(file, path, new TarEntry("", 0, RandomAccess.GetLength(file)), Nesting, entries);
            return null;
        }
        catch (UserException flaw)
        {
            return flaw;
        }
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
        var pax = default(PaxRecords);
        Span<byte> block = stackalloc byte[TarHeader.Size];
        while (TryHeader(file, path, block, at, end))
        {
            var header = new TarHeader(block);
            if (!header.HasChecksum)
                throw new UserException(
                    $"{path} is no tar archive (a packed one must be unpacked), or damaged at byte {at}.");
            var start = header.Type == 'S' && header.IsExtended ? AfterMap(file, path, at) : at + TarHeader.Size;
            var entry = new TarEntry(
                pax.Name ?? header.Name, start, pax.Size ?? header.Length, pax.IsSparse || header.Type == 'S');
            at = HasContent(header.Type) ? End(entry, end, path) : entry.Offset;
            pax = header.Type switch
            {
                'L' => pax with { Name = LongName(file, path, entry) },
                'x' => PaxRecords.Read(file, path, entry.Offset, entry.Offset + entry.Length),
                'K' or 'g' => pax,
                _ => default,
            };
            if (header.Type is '0' or '\0' or '7' or 'S')
                Add(file, path, entry with { Name = archive.Name + entry.Name }, nesting, entries);
        }
    }

    /// <summary>Reads the next header; false at the archive's end.</summary>
    static bool TryHeader(SafeFileHandle file, string path, Span<byte> block, long at, long end)
    {
        block = block[..(int)Math.Clamp(end - at, 0, block.Length)];
        if (!TryRead(file, block, at) || !block.ContainsAnyExcept((byte)0))
            return false;
        return block.Length == TarHeader.Size
            ? true
            : throw new UserException($"{path} is cut short within the header at byte {at}.");
    }

    /// <summary>Where the content of a sparse file begins: its map may go on in blocks of its own.</summary>
    static long AfterMap(SafeFileHandle file, string path, long at)
    {
        Span<byte> block = stackalloc byte[TarHeader.Size];
        do
            if (!TryRead(file, block, at += TarHeader.Size))
                throw new UserException($"{path} is cut short within the map of a sparse file at byte {at}.");
        while (block[MapGoesOn] != 0);
        return at + TarHeader.Size;
    }

    static void Add(SafeFileHandle file, string path, TarEntry entry, int nesting, List<TarEntry> entries)
    {
        if (nesting > 1 && !entry.IsSparse && entry.Name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            Read(file, path, entry with { Name = entry.Name[..^4] + "/" }, nesting - 1, entries);
        else
            entries.Add(entry);
    }

    /// <summary>Links, devices and folders have none, whatever their size says.</summary>
    static bool HasContent(char type) => type is not (>= '1' and <= '6');

    /// <summary>Where the next header is.</summary>
    static long End(TarEntry entry, long end, string path) => entry.Length >= 0 && entry.Length <= end - entry.Offset
        ? entry.Offset + (entry.Length + TarHeader.Size - 1) / TarHeader.Size * TarHeader.Size
        : throw new UserException(
            $"{path} is cut short: {entry.Name} has {entry.Length} bytes from {entry.Offset} on, the end is at {end}.");

    static string LongName(SafeFileHandle file, string path, TarEntry entry)
    {
        if (entry.Length > PaxRecords.LongestName)
            throw new UserException($"{path}: a name of {entry.Length} bytes before byte {entry.Offset} is too long.");
        var bytes = new byte[entry.Length];
        TryRead(file, bytes, entry.Offset);
        return TarHeader.Text(bytes);
    }
}
