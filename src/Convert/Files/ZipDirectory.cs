using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace OnnxTimm.Conversion;

/// <summary>One file in a zip archive.</summary>
sealed record ZipEntry(string Name, bool Encrypted, int Method, uint Crc, long Packed, long Size, long Header);

/// <summary>
/// The directory of a zip archive over a mapped file (APPNOTE.TXT 4.3, with zip64). It exists because stored entries
/// are to be mapped in place, and System.IO.Compression does not tell where they lie. Nothing is ever extracted to
/// disk. Sizes are the directory's: where a data descriptor follows an entry, its own header has none.
/// </summary>
sealed class ZipDirectory
{
    const int Stored = 0;
    const int Deflated = 8;
    const int MaxRatio = 1040;  // deflate cannot do better than 1032
    const int Piece = 1 << 16;
    const int LocalHeader = 30;

    readonly MappedFile file;
    readonly OrderedDictionary<string, ZipEntry> entries = [];

    ZipDirectory(MappedFile file) => this.file = file;

    public IReadOnlyCollection<ZipEntry> Entries => entries.Values;

    /// <exception cref="UserException">No valid directory is at the end of the file.</exception>
    public static ZipDirectory Read(MappedFile file)
    {
        var zip = new ZipDirectory(file);
        var cursor = new ByteCursor(file, "zip directory", ZipEnd.Directory(file));
        while (!cursor.AtEnd)
        {
            var entry = Entry(cursor);
            zip.Check(entry);
            if (!zip.entries.TryAdd(entry.Name, entry))
                throw file.Fault($"its zip archive has two entries \"{entry.Name}\"");
        }
        return zip;
    }

    public ZipEntry? Find(string name) => entries.GetValueOrDefault(name);

    /// <summary>Where the bytes of a stored entry begin in the file; null for a compressed one.</summary>
    public long? Place(ZipEntry entry)
    {
        if (entry.Encrypted || entry.Method is not (Stored or Deflated))
            throw file.Fault($"the zip entry \"{entry.Name}\" is packed in a way that is not read");
        return entry.Method == Stored ? Data(entry) : null;
    }

    /// <summary>The bytes of an entry: mapped where it is stored, else inflated at this call.</summary>
    public ReadOnlyMemory<byte> Content(ZipEntry entry) => Place(entry) is { } offset
        ? file.Slice(offset, entry.Size)
        : Inflate(entry);

    /// <summary>
    /// The bytes of an entry, held against their checksum at each call. PyTorch can be told not to write checksums, and
    /// does not read them either.
    /// </summary>
    public ReadOnlyMemory<byte> Verified(ZipEntry entry)
    {
        var content = Content(entry);
        return Crc32.HashToUInt32(content.Span) == entry.Crc
            ? content
            : throw file.Fault($"the zip entry \"{entry.Name}\" is damaged: its checksum (CRC-32) differs");
    }

    /// <summary>The bytes of an entry from the first, unpacked as far as they are read.</summary>
    public Stream Open(ZipEntry entry) => Place(entry) is { } offset
        ? file.Stream(offset, entry.Size)
        : new DeflateStream(file.Stream(Data(entry), entry.Packed), CompressionMode.Decompress);

    byte[] Inflate(ZipEntry entry)
    {
        try
        {
            CheckSize(entry);
            using var from = Open(entry);
            var to = Copies.New(file.Room(entry.Size));
            from.ReadExactly(to);
            return to;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw file.Fault($"the zip entry \"{entry.Name}\" cannot be unpacked");
        }
    }

    /// <summary>A size is a claim: it is unpacked once piece by piece before memory is taken for it.</summary>
    void CheckSize(ZipEntry entry)
    {
        using var from = Open(entry);
        var (piece, length) = (new byte[Piece], 0L);
        while (length <= entry.Size && from.Read(piece) is var read and > 0)
            length += read;
        if (length != entry.Size)
            throw file.Fault($"the zip entry \"{entry.Name}\" unpacks to {(length > entry.Size ? "more" : "less")} "
                + $"than its {entry.Size} bytes");
    }

    long Data(ZipEntry entry)
    {
        var local = file.Slice(entry.Header, LocalHeader).Span;
        if (!local.StartsWith("PK\x3\x4"u8))
            throw file.Fault($"the zip entry \"{entry.Name}\" is not where the directory says");
        return entry.Header + LocalHeader + BinaryPrimitives.ReadUInt16LittleEndian(local[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
    }

    void Check(ZipEntry entry)
    {
        if (entry.Name.StartsWith('/') || entry.Name.Contains('\\') || entry.Name.Split('/').Contains(".."))
            throw file.Fault($"the zip entry \"{entry.Name}\" climbs out of the archive");
        if (entry.Header < 0 || entry.Packed < 0 || entry.Size < 0 || entry.Packed > file.Length
            || entry.Size > entry.Packed * (entry.Method == Stored ? 1 : MaxRatio))
            throw file.Fault($"the zip entry \"{entry.Name}\" claims {entry.Size} bytes out of {entry.Packed}");
    }

    static ZipEntry Entry(ByteCursor cursor)
    {
        if (!cursor.Take(4).SequenceEqual("PK\x1\x2"u8))
            throw cursor.Fault("an entry is damaged");
        cursor.Take(4);
        var (flags, method) = (cursor.UInt16(), cursor.UInt16());
        cursor.Take(4);
        var crc = cursor.UInt32();
        var sizes = (Packed: (long)cursor.UInt32(), Size: (long)cursor.UInt32());
        var (nameLength, extraLength, commentLength) = (cursor.UInt16(), cursor.UInt16(), cursor.UInt16());
        cursor.Take(8);
        var header = (long)cursor.UInt32();
        var name = cursor.Text(nameLength);
        var extra = cursor.Take(extraLength);
        cursor.Take(commentLength);
        ZipEnd.Widen(extra, ref sizes.Size, ref sizes.Packed, ref header);
        return new ZipEntry(name, (flags & 1) != 0, method, crc, sizes.Packed, sizes.Size, header);
    }
}
