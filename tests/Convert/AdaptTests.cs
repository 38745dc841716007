using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Weights adapted at load against what timm makes of them.</summary>
[TestClass]
public sealed class AdaptTests
{
    static readonly JsonElement[] Rows =
        [.. JsonDocument.Parse(File.ReadAllText(Paths.Golden("weights", "adapt.json"))).RootElement.EnumerateArray()];

    public static IEnumerable<object[]> Names =>
        Rows.Select(row => new object[] { row.GetProperty("tensor").GetString()! });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AdaptedWeightsEqualTimms(string name)
    {
        var row = Rows.Single(r => r.GetProperty("tensor").GetString() == name);
        using var golden = Checkpoint.Open(Paths.Golden("weights", "adapt.safetensors"));
        var adapted = Make(row, Source(row.GetProperty("source").GetString()!));
        CollectionAssert.AreEqual(Integers(row, "shape"), adapted.Shape);
        Assert.AreEqual(0, Difference(golden[name].ToFloats(), adapted.ToFloats()), Tolerances.Get("convert/adapt"));
    }

    [TestMethod]
    public void AComparisonCanFail() => Assert.IsGreaterThan(
        Tolerances.Get("convert/adapt"), Difference([1f, 2f], [1f, 2.0001f]));

    [TestMethod]
    public void SpaceToDepthStemsSumTheirColors()
    {
        var weight = Tensor.Of([.. Enumerable.Range(0, 2 * 12).Select(i => (float)i)], 2, 12, 1, 1);
        var gray = Adapt.InputConv(weight, 1)!;
        CollectionAssert.AreEqual(new long[] { 2, 4, 1, 1 }, gray.Shape);
        CollectionAssert.AreEqual(new[] { 3f, 12, 21, 30, 39, 48, 57, 66 }, gray.ToFloats());
    }

    [TestMethod]
    public void AKernelWithoutColorsIsNotAdapted()
    {
        Assert.IsNull(Adapt.InputConv(Tensor.Of(new float[8], 2, 4), 1));
        Assert.IsNull(Adapt.InputConv(Tensor.Of(new float[8], 2, 4, 1, 1), 6));
    }

    [TestMethod]
    [DataRow(DType.Float16)]
    [DataRow(DType.BFloat16)]
    [DataRow(DType.Float64)]
    public void TheTypeOfTheFileIsKept(DType type)
    {
        using var file = Checkpoint.Open(Paths.Golden("pytorch", "dtypes.safetensors"));
        var source = file.Values.Single(t => t.Type == type).Reshape(1, 3, 1, 2);
        var gray = Adapt.InputConv(source, 1)!;
        Assert.AreEqual(type, gray.Type);
        var values = source.ToFloats();
        Assert.AreEqual(values[0] + values[2] + values[4], gray.ToFloats()[0], Math.Abs(values[0]) / 128);
    }

    /// <summary>New samples lie a quarter of a step beside the old ones, or in the middle between two.</summary>
    [TestMethod]
    public void BilinearPositionsAreWeightedMeansOfTwo()
    {
        var grown = Adapt.PositionEmbedding(
            Tensor.Of([9f, 0, 4, 8, 12], 1, 5, 1), new(4, 4, 1, GridFilter.Bilinear)).ToFloats();
        CollectionAssert.AreEqual(new[] { 9f, 0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12 }, grown);
        var shrunk = Adapt.PositionEmbedding(
            Tensor.Of(grown[1..], 1, 16, 1), new(2, 2, 0, GridFilter.Bilinear)).ToFloats();
        CollectionAssert.AreEqual(new[] { 1.5f, 4.5f, 7.5f, 10.5f }, shrunk);
    }

    /// <summary>
    /// A patch and its kernel, both resized, give the token that they gave before (arXiv:2212.08013).
    /// </summary>
    [TestMethod]
    public void ABilinearPatchKeepsItsToken()
    {
        var (patch, kernel) = (Fill.Uniform("patch", 9), Fill.Uniform("kernel", 9));
        var larger = Adapt.PositionEmbedding(Tensor.Of(patch, 1, 9, 1),
            new(6, 6, 0, GridFilter.Bilinear)).ToFloats();
        var resized = Adapt.PatchEmbedding(Tensor.Of(kernel, 1, 1, 3, 3), 6, 6, GridFilter.Bilinear).ToFloats();
        Assert.AreEqual(patch.Zip(kernel, (p, k) => p * k).Sum(), larger.Zip(resized, (p, k) => p * k).Sum(),
            Tolerances.Get("convert/adapt"));
    }

    [TestMethod]
    public void LeadingClassesCanBeCutOff() => CollectionAssert.AreEqual(
        new[] { 3f, 4, 5, 6 }, Adapt.Rows(Tensor.Of([1f, 2, 3, 4, 5, 6], 3, 2), 1).ToFloats());

    static Tensor Make(JsonElement row, Tensor source) => row.GetProperty("op").GetString() switch
    {
        "resample_abs_pos_embed" => Adapt.PositionEmbedding(
            source, new(Size(row, "new").Height, Size(row, "new").Width, row.GetProperty("prefix").GetInt32())),
        "resample_patch_embed" => Adapt.PatchEmbedding(
            source, Size(row, "new").Height, Size(row, "new").Width, GridFilter.BicubicAntialiased),
        "adapt_input_conv" => Adapt.InputConv(source, row.GetProperty("in_chans").GetInt32())!,
        "resize_rel_pos_bias_table_simple" => Adapt.RelativePositionsSimple(
            source, Size(row, "window").Height, Size(row, "window").Width, Integers(row, "shape")),
        _ => Adapt.RelativePositions(
            source, Size(row, "window").Height, Size(row, "window").Width, Integers(row, "shape")),
    };

    /// <summary>"u('name', i) of shape [1, 2]".</summary>
    static Tensor Source(string rule)
    {
        var shape = JsonSerializer.Deserialize<long[]>(rule[rule.IndexOf('[')..])!;
        return Tensor.Of(Fill.Uniform(rule.Split('\'')[1], shape.Aggregate(1L, (n, d) => n * d)), shape);
    }

    static (int Height, int Width) Size(JsonElement row, string name) =>
        ((int)Integers(row, name)[0], (int)Integers(row, name)[1]);

    static long[] Integers(JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(v => v.GetInt64())];

    static double Difference(float[] a, float[] b) => a.Zip(b).Max(pair => Math.Abs(pair.First - pair.Second));
}
