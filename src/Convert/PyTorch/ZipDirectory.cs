using System.Buffers.Binary;
using System.IO.Compression;

namespace OnnxTimm.Conversion;

/// <summary>One file in a zip archive.</summary>
sealed record ZipEntry(string Name, bool Encrypted, int Method, long Packed, long Size, long Header);

/// <summary>
/// The directory of a zip archive over a mapped file (APPNOTE.TXT 4.3, with zip64). It exists because stored entries
/// are to be mapped in place, and System.IO.Compression does not tell where they lie. Nothing is ever extracted to
/// disk. Checksums are not compared: PyTorch can be told not to write them, and does not read them either.
/// </summary>
sealed class ZipDirectory
{
    const int Stored = 0;
    const int Deflated = 8;
    const int MaxRatio = 1040;  // deflate cannot do better than 1032
    const int LocalHeader = 30;

    readonly MappedFile file;
    readonly Dictionary<string, ZipEntry> entries = [];

    ZipDirectory(MappedFile file) => this.file = file;

    public IEnumerable<string> Names => entries.Keys;

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

    byte[] Inflate(ZipEntry entry)
    {
        if (entry.Size > Array.MaxLength)
            throw file.Fault($"the zip entry \"{entry.Name}\" unpacks to more than 2 GiB");
        var to = new byte[entry.Size];
        try
        {
            var packed = file.Slice(Data(entry), entry.Packed);
            using var inflater = new DeflateStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            inflater.ReadExactly(to);
            return to;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw file.Fault($"the zip entry \"{entry.Name}\" cannot be unpacked");
        }
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
        cursor.Take(8);
        var sizes = (Packed: (long)cursor.UInt32(), Size: (long)cursor.UInt32());
        var (nameLength, extraLength, commentLength) = (cursor.UInt16(), cursor.UInt16(), cursor.UInt16());
        cursor.Take(8);
        var header = (long)cursor.UInt32();
        var name = cursor.Text(nameLength);
        var extra = cursor.Take(extraLength);
        cursor.Take(commentLength);
        ZipEnd.Widen(extra, ref sizes.Size, ref sizes.Packed, ref header);
        return new ZipEntry(name, (flags & 1) != 0, method, sizes.Packed, sizes.Size, header);
    }
}
