using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests.Data;

/// <summary>Images of any shape are cut into patches as timm cuts them.</summary>
[TestClass]
public sealed class PatchTransformTests
{
    static readonly JsonElement Golden =
        JsonDocument.Parse(File.ReadAllText(Paths.Golden("images", "naflex_transforms.json"))).RootElement;

    [TestMethod]
    public void RowsAndColumnsAreTimms()
    {
        foreach (var row in Golden.GetProperty("sizes").EnumerateArray())
        {
            int Number(string name) => row.GetProperty(name).GetInt32();
            var grid = row.GetProperty("grid");
            Assert.AreEqual((grid[0].GetInt32(), grid[1].GetInt32()),
                new PatchConfig(Number("patch"), Number("max_seq_len")).GridOf(Number("height"), Number("width")),
                $"{row}");
        }
    }

    [TestMethod]
    public void PatchesAreTimms()
    {
        var row = Golden.GetProperty("image");
        var (height, width) = (row.GetProperty("height").GetInt32(), row.GetProperty("width").GetInt32());
        var bytes = new byte[height * width * 3];
        for (var i = 0; i < bytes.Length; i++)
        {
            var (y, x, channel) = (i / 3 / width, i / 3 % width, i % 3);
            bytes[i] = (byte)(37 * y + 91 * x + 53 * channel + 5 * (y * x % 17));
        }
        double[] Numbers(string name) => [.. row.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
        var transform = PatchTransform.Create(new()
        {
            Mean = Numbers("mean"),
            Std = Numbers("std"),
            Patches = new(row.GetProperty("patch").GetInt32(), row.GetProperty("max_seq_len").GetInt32()),
        });
        using var image = Image.FromRgb(bytes, width, height);
        var grid = transform.GridOf(image.View());
        Assert.AreEqual(row.GetProperty("coord").EnumerateArray().Max(c => c[0].GetInt32()) + 1, grid.Rows);
        var patches = new float[grid.Rows * grid.Columns * transform.Numbers];
        transform.Apply(image.View(), grid, patches);
        var expected = Numbers("first");
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], patches[i * 97], Tolerances.Get("data/patches"), $"number {i * 97}");
    }

    /// <summary>What cannot be cut is said at once.</summary>
    [TestMethod]
    public void WhatCannotBeCutIsSaid()
    {
        string Fault(Action action) => Assert.ThrowsExactly<UserException>(action).Message;
        Assert.Contains("cannot be cut into 4 patches",
            Fault(() => new PatchConfig(16, 4).GridOf(int.MaxValue, int.MaxValue)));
        Assert.Contains("1 to 65536 patches",
            Fault(() => PatchTransform.Create(new() { Patches = new(16, 1 << 20) })));
        Assert.Contains("not 0", Fault(() => PatchTransform.Create(new() { Patches = new(0, 576) })));
    }
}
