using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>The operations of policies give the bytes of Pillow, their levels mean what they mean in timm.</summary>
[TestClass]
public sealed class PolicyOperationTests
{
    static readonly PolicySettings Settings = new(0, [Interpolation.Bilinear]) { TranslateConst = 100 };

    public static IEnumerable<object[]> Rows =>
        ImageGolden.Rows("augment_ops.json", "ops").Select(r => new object[] { r.Text("op"), r.ToString() });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ChangesAsPillow(string name, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var settings = Settings;
        if (row.GetProperty("kw").TryGetProperty("fillcolor", out _))
        {
            var fill = row.GetProperty("kw").Ints("fillcolor");
            settings = new((uint)(fill[0] | (fill[1] << 8) | (fill[2] << 16)),
                [row.GetProperty("kw").GetProperty("resample").GetInt32() == 2 ? Interpolation.Bilinear
                    : Interpolation.Bicubic]);
        }
        var argument = row.Floats("args") is [_, ..] ? row.GetProperty("args")[0].GetDouble() : 0;
        var words = name.Split('_').TakeWhile(word => !char.IsDigit(word[^1]) && word is not ("bilinear" or "bicubic"));
        var operation = PolicyOperations.All.Single(o => o.Name.Equals(
            string.Concat(words), StringComparison.OrdinalIgnoreCase));
        using var image = operation.Apply(
            ImageGolden.Open("op_input.png"), argument, settings, new CounterRandom(1).At(0, 0));
        Assert.AreEqual(row.Text("sha256"), ImageGolden.Sha256(image.ToRgb()), name);
    }

    [TestMethod]
    public void LevelsMeanWhatTheyMeanInTimm()
    {
        var table = Golden.Json("images", "auto_augment.json.gz").GetProperty("level_to_arg");
        Assert.HasCount(table.EnumerateObject().Count(), PolicyOperations.All);
        foreach (var operation in PolicyOperations.All)
            foreach (var row in table.GetProperty(operation.Name).EnumerateArray())
            {
                var expected = row[1].EnumerateArray().SelectMany(a => a.EnumerateArray()).Select(v => v.GetDouble())
                    .ToHashSet();
                HashSet<double> actual = operation.Argument is not { } argument ? []
                    : [.. (operation.HasSign ? (int[])[-1, 1] : [1]).Select(s =>
                        argument(row[0].GetDouble(), s, Settings))];
                Assert.IsTrue(expected.SetEquals(actual), $"{operation.Name} {row}: {string.Join(' ', actual)}");
            }
    }

    /// <summary>Pictures of one pixel, one row and one column lose nothing and meet no fault.</summary>
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(5, 1)]
    [DataRow(1, 5)]
    [DataRow(2, 3)]
    public void SmallPicturesGoThroughAll(int width, int height)
    {
        foreach (var operation in PolicyOperations.All)
            foreach (var level in (double[])[0, 5, 10, 30])
            {
                using var small = ImageGolden.Open("op_input.png");
                var image = small.View().Crop(3, 4, width, height).ToImage();
                using var changed = operation.Apply(
                    image, operation.Argument?.Invoke(level, -1, Settings) ?? 0, Settings,
                    new CounterRandom(1).At(0, 0));
                Assert.AreEqual((width, height), (changed.Width, changed.Height), operation.Name);
            }
    }
}
