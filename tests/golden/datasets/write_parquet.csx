#:package ParquetSharp@25.0.1.2
// Writes the pictures of folder/ as Hugging Face's datasets does, by Apache Arrow's C++ (the library below pyarrow):
//     dotnet run write_parquet.cs FOLDER_OF_THIS_FILE
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp;
using ParquetSharp.Arrow;

var here = args[0];
string[] order = ["ant", "bee", "cow9", "cow10"];
var rows = order.SelectMany((c, label) => Directory.GetFiles(Path.Combine(here, "folder", c)).Order(StringComparer.Ordinal)
    .Select(f => (Bytes: File.ReadAllBytes(f), Path: $"{c}/{Path.GetFileName(f)}", Label: (long)label))).ToArray();
var several = JsonDocument.Parse(File.ReadAllText(Path.Combine(here, "expected.json"))).RootElement.GetProperty("several")
    .EnumerateArray().Select(r => r.EnumerateArray().Select(x => x.GetInt64()).ToArray()).ToArray();
Directory.CreateDirectory(Path.Combine(here, "parquet", "data"));
Write("train-00000-of-00002", 0, 7, 3, Compression.Snappy);
Write("train-00001-of-00002", 7, 12, 100, Compression.Zstd);
Write("validation-00000-of-00001", 0, 5, 100, Compression.Uncompressed);

void Write(string name, int from, int to, int groupRows, Compression compression)
{
    var image = new StructType([new Field("bytes", BinaryType.Default, true), new Field("path", StringType.Default, true)]);
    var list = new ListType(new Field("item", Int64Type.Default, true));
    var schema = new Schema(
    [
        new Field("image", image, true), new Field("label", Int64Type.Default, true), new Field("tags", list, true),
        new Field("name", StringType.Default, true), new Field("even", Int32Type.Default, true),
    ], new Dictionary<string, string>
    {
        ["huggingface"] = """{"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["ant", "bee", "cow9", "cow10"], "_type": "ClassLabel"}}}}""",
    });
    using var properties = new WriterPropertiesBuilder().Compression(compression).Build();
    using var arrow = new ArrowWriterPropertiesBuilder().StoreSchema().Build();
    using var file = new FileWriter(Path.Combine(here, "parquet", "data", $"{name}.parquet"), schema, properties, arrow);
    for (var start = from; start < to; start += groupRows)
    {
        var end = Math.Min(to, start + groupRows);
        var (bytes, paths, labels, names, even) = (new BinaryArray.Builder(), new StringArray.Builder(),
            new Int64Array.Builder(), new StringArray.Builder(), new Int32Array.Builder());
        var tags = new ListArray.Builder(Int64Type.Default);
        var items = (Int64Array.Builder)tags.ValueBuilder;
        for (var i = start; i < end; i++)
        {
            bytes.Append(rows[i].Bytes.AsSpan());
            paths.Append(rows[i].Path);
            labels.Append(rows[i].Label);
            names.Append(order[rows[i].Label]);
            even.Append(i % 2 == 0 ? 1 : 0);
            tags.Append();
            foreach (var tag in several[i])
                items.Append(tag);
        }
        var structs = new StructArray(image, end - start, [bytes.Build(), paths.Build()], ArrowBuffer.Empty, 0);
        using var batch = new RecordBatch(schema, [structs, labels.Build(), tags.Build(), names.Build(), even.Build()], end - start);
        file.WriteRecordBatch(batch);
        file.NewBufferedRowGroup();
    }
    file.Close();
}
