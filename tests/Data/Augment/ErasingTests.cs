using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Random erasing puts its rectangles where timm puts them, from the same draws.</summary>
[TestClass]
public sealed class ErasingTests
{
    const float Before = 5;

    public static IEnumerable<object[]> Rows => Golden.Json("images", "erasing.json.gz").Get("rows").EnumerateArray()
        .Select((r, i) => new object[] { i, r.ToString() });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void BoxesAreTimms(int number, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var (args, shape) = (row.Get("args"), row.Ints("shape"));
        var sizes = shape.Length == 4 ? shape : [1, .. shape];
        var random = new DrawnRandom(row.Get("drawn"));
        var erasing = Of(args);
        var splits = args.TryGetProperty("num_splits", out var given) ? given.GetInt32() : 0;
        for (var i = 0; i < sizes[0]; i++)
        {
            var planes = Enumerable.Repeat(Before, sizes[1] * sizes[2] * sizes[3]).ToArray();
            var draw = splits > 1
                ? Samplers.Spare(Samplers.InOrder(sizes[0], sizes[0]), splits).Epoch(0)[0].Span[i] : default;
            if (!draw.IsSpared)
                erasing.Apply(planes, sizes[2], sizes[3], random);
            var expected = Expected(row, shape.Length == 4 ? i : null, sizes);
            CollectionAssert.AreEqual(expected, planes.Select(v => v != Before).ToArray(), $"row {number}, image {i}");
        }
        Assert.AreEqual(0, random.Left);
    }

    static RandomErasing Of(JsonElement args)
    {
        double Number(string name, double or) => args.TryGetProperty(name, out var v) && v.ValueKind
            == JsonValueKind.Number ? v.GetDouble() : or;
        var (least, aspect) = ((int)Number("min_count", 1), Number("min_aspect", 0.3));
        var mode = args.TryGetProperty("mode", out var name) ? name.GetString()! : "const";
        return new(Number("probability", 0.5), RandomErasing.ParseMode(mode), (int)Number("max_count", least))
        {
            MinCount = least,
            Area = new(Number("min_area", 0.02), Number("max_area", 1.0 / 3)),
            Aspect = new(aspect, Number("max_aspect", 1 / aspect)),
        };
    }

    static bool[] Expected(JsonElement row, int? image, int[] sizes)
    {
        var (height, width) = (sizes[2], sizes[3]);
        var erased = new bool[sizes[1] * height * width];
        foreach (var box in row.Get("boxes").EnumerateArray())
            if (image is null || box[0].GetInt32() == image)
                for (var c = 0; c < sizes[1]; c++)
                    for (var y = 0; y < box[3].GetInt32(); y++)
                        erased.AsSpan((c * height + box[1].GetInt32() + y) * width + box[2].GetInt32(),
                            box[4].GetInt32()).Fill(true);
        return erased;
    }
}
