using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxTimm.Cli.Results;

/// <summary>Features of images as a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">A name of the table.</param>
sealed record FeatureFile(string Path, string Format)
{
    static readonly (string Format, Action<string, (string Name, float[] Features)[]> Save)[] Table =
    [
        ("npy", SaveNpy),
        ("csv", (path, rows) => ResultFiles.Save(path, Csv(rows))),
        ("json", (path, rows) => ResultFiles.Save(path, Json(rows) + "\n")),
    ];

    /// <summary>As asked for, else by the file's ending; null where no file was asked for.</summary>
    /// <exception cref="UserException">There is no such form, or the file cannot be written.</exception>
    public static FeatureFile? Of(string? path, string? format)
    {
        if (path is null)
            return null;
        var name = format ?? System.IO.Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
        if (!Table.Any(row => row.Format == name))
            throw format is not null ? Nearest.Unknown("results format", format, Formats) : new(
                $"\"{path}\" ends in none of .npy, .csv, .json: --results-format says which of them it is.");
        WriteBeside.Check(path);
        return new(path, name);
    }

    static IEnumerable<string> Formats => Table.Select(row => row.Format);

    /// <summary>Writes it; a file appears complete or not at all.</summary>
    public void Save((string Name, float[] Features)[] rows) =>
        Table.First(row => row.Format == Format).Save(Path, rows);

    /// <summary>An object with the image's path as key.</summary>
    public static string Json((string Name, float[] Features)[] rows) =>
        OnnxTimm.Json.Object(rows.Select(row => (row.Name, (object?)row.Features)));

    static string Csv((string Name, float[] Features)[] rows) => string.Concat(rows
        .Select(row => row.Features.Cast<object?>().Prepend(row.Name))
        .Prepend(Enumerable.Range(0, rows[0].Features.Length).Select(i => (object?)$"feature_{i}").Prepend("filename"))
        .Select(OnnxTimm.Csv.Row));

    /// <summary>NumPy's form of an array [images, features], and the names of its rows beside it.</summary>
    static void SaveNpy(string path, (string Name, float[] Features)[] rows)
    {
        WriteBeside.Write(WriteBeside.Target(path), file =>
        {
            file.Write(NpyHeader(rows.Length, rows[0].Features.Length));
            foreach (var (_, features) in rows)
                file.Write(MemoryMarshal.AsBytes(features.AsSpan()));
        });
        ResultFiles.Save(System.IO.Path.ChangeExtension(path, ".txt"),
            string.Concat(rows.Select(row => $"{row.Name.ReplaceLineEndings(" ")}\n")));
    }

    /// <summary>Version 1.0: magic, version, the length of a text, and the text, filled up to 64 bytes.</summary>
    static byte[] NpyHeader(int rows, int columns)
    {
        const int before = 10;
        var text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}";
        var length = (before + text.Length + 1 + 63) / 64 * 64 - before;
        var header = new byte[before + length];
        ((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8, 1, 0]).CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)length);
        Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n").CopyTo(header, before);
        return header;
    }
}
