using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace OnnxTimm.Data;

/// <summary>Values of a column, row by row.</summary>
static class ParquetColumn
{
    /// <summary>How often larger than its file a column may say to be: small files must not fill a memory.</summary>
    const int MostTimes = 64;

    const long FreeBytes = 1 << 26;

    /// <summary>Parts of a path that stand for a list, not for a field.</summary>
    static readonly string[] ListParts = ["list", "element", "item", "array", "bag", "array_element"];

    /// <summary>
    /// The column of a name: a field, a record's field by <c>record/field</c>, lists counting as their content.
    /// </summary>
    /// <returns>Null where there is none.</returns>
    public static DataField? Find(ParquetSchema schema, string key) =>
        schema.DataFields.FirstOrDefault(f => Fields(f) is [var only] && only == key)
        ?? schema.DataFields.FirstOrDefault(f => string.Join('/', Fields(f)) == key);

    /// <summary>The names that can be asked for.</summary>
    public static IEnumerable<string> Names(ParquetSchema schema) =>
        schema.DataFields.Select(f => string.Join('/', Fields(f)));

    /// <summary>The bytes of each row; empty for none.</summary>
    public static ReadOnlyMemory<byte>[] Bytes(ParquetRowGroupReader group, DataField field, long file) =>
        Rows<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(group, field, file, (values, first, count) =>
            // The memory of a column is given back; what stays is a copy.
            count == 0 ? default : values[first].ToArray());

    /// <summary>The texts of each row; empty for none.</summary>
    public static string[] Texts(ParquetRowGroupReader group, DataField field, long file) =>
        Rows<string, ReadOnlyMemory<char>>(group, field, file,
            (values, first, count) => count == 0 ? "" : values[first].ToString());

    /// <summary>What each row says of labels.</summary>
    /// <exception cref="UserException">The column holds neither numbers nor texts.</exception>
    public static LabelValues[] Labels(ParquetRowGroupReader group, DataField field, long file) => field.ClrType switch
    {
        var t when t == typeof(long) => Numbers<long>(group, field, file, v => v),
        var t when t == typeof(int) => Numbers<int>(group, field, file, v => v),
        var t when t == typeof(short) => Numbers<short>(group, field, file, v => v),
        var t when t == typeof(sbyte) => Numbers<sbyte>(group, field, file, v => v),
        var t when t == typeof(ulong) => Numbers<ulong>(group, field, file, v => v),
        var t when t == typeof(uint) => Numbers<uint>(group, field, file, v => v),
        var t when t == typeof(ushort) => Numbers<ushort>(group, field, file, v => v),
        var t when t == typeof(byte) => Numbers<byte>(group, field, file, v => v),
        var t when t == typeof(double) => Numbers<double>(group, field, file, v => v),
        var t when t == typeof(float) => Numbers<float>(group, field, file, v => v),
        var t when t == typeof(bool) => Numbers<bool>(group, field, file, v => v ? 1 : 0),
        var t when t == typeof(ReadOnlyMemory<char>) || t == typeof(string) =>
            Rows<LabelValues, ReadOnlyMemory<char>>(group, field, file, (values, first, count) =>
                new([], [.. values.Slice(first, count).ToArray().Select(v => v.ToString())])),
        var t => throw new UserException($"The column {string.Join('/', Fields(field))} holds {t.Name}, no labels."),
    };

    static LabelValues[] Numbers<T>(ParquetRowGroupReader group, DataField field, long file, Func<T, double> number)
        where T : struct => Rows<LabelValues, T>(group, field, file, (values, first, count) =>
            new([.. values.Slice(first, count).ToArray().Select(number)]));

    /// <summary>Makes a row of the values that belong to it.</summary>
    delegate TRow Cut<TRow, TValue>(ReadOnlySpan<TValue> values, int first, int count);

    /// <summary>
    /// Cuts a column into rows: a repetition level of 0 begins one, and a value stands where the definition level is
    /// the highest (S. Melnik et al., "Dremel", 2010).
    /// </summary>
    static TRow[] Rows<TRow, TValue>(
        ParquetRowGroupReader group, DataField field, long file, Cut<TRow, TValue> cut) where TValue : struct
    {
        Check(group, field, file);
        using var raw = group.ReadRawColumnDataBaseAsync(field).AsTask().GetAwaiter().GetResult();
        var values = raw is RawColumnData<TValue> typed ? (ReadOnlySpan<TValue>)typed.Values
            : throw new InvalidDataException($"the column {field.Path} is not of {typeof(TValue).Name}");
        var rows = new TRow[checked((int)group.RowCount)];
        var defined = field.MaxDefinitionLevel > 0 ? (ReadOnlySpan<int>)raw.DefinitionLevels : [];
        var repeated = field.MaxRepetitionLevel > 0 ? (ReadOnlySpan<int>)raw.RepetitionLevels : [];
        var levels = defined.Length > 0 ? defined.Length : values.Length;
        var (row, first, at) = (0, 0, 0);
        for (var i = 0; i < levels; row++)
        {
            do
                at += defined.IsEmpty || defined[i] == field.MaxDefinitionLevel ? 1 : 0;
            while (++i < levels && !repeated.IsEmpty && repeated[i] != 0);
            rows[row] = cut(values, first, at - first);
            first = at;
        }
        return row == rows.Length ? rows
            : throw new InvalidDataException($"the column {field.Path} has {row} rows of {rows.Length}");
    }

    static void Check(ParquetRowGroupReader group, DataField field, long file)
    {
        var most = FreeBytes + file * MostTimes;
        var chunk = group.GetMetadata(field)?.MetaData
            ?? throw new InvalidDataException($"the column {field.Path} has no data");
        if (chunk.NumValues < 0 || chunk.NumValues > most || group.RowCount < 0 || group.RowCount > most
            || chunk.TotalUncompressedSize < 0 || chunk.TotalUncompressedSize > most)
            throw new InvalidDataException($"the column {field.Path} says to have {chunk.NumValues} values and "
                + $"{chunk.TotalUncompressedSize} bytes");
    }

    static string[] Fields(DataField field) => [.. field.Path.ToList().Index()
        .Where(p => p.Index == 0 || !ListParts.Contains(p.Item)).Select(p => p.Item)];
}
