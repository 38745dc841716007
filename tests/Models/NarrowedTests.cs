using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Train;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// Variants of one's own: a family's record with another size has the weights that timm gives it for the same
/// arguments.
/// </summary>
[TestClass]
public sealed class NarrowedTests
{
    static readonly Dictionary<string, Func<Graph>> Cases = new()
    {
        ["bit_two"] = () => Of(ResNetV2.Family, "resnetv2_50x1_bit", c => c with
        {
            Depths = [2, 1],
            Channels = [128, 256],
            StemChannels = 32,
        }),
        ["mixer"] = () => Of(MlpMixer.Family, "mixer_s16_224", c => c with { Depth = 3, Dim = 48, MlpRatio = (0.5, 4) }),
        ["nest"] = () => Of(Nest.Family, "nest_tiny_jx", c => c with { Dims = [12, 24, 48], Depths = [2, 2, 8] }, 224),
        ["vit"] = () => Of(VisionTransformer.Family, "vit_tiny_patch16_224", c => c with { Size = Narrow(3) }),
        ["vit_r0"] = () => Of(VisionTransformerHybrid.Family, "vit_tiny_r_s16_p8_224", c => c with
        {
            Size = Narrow(3),
            Patch = 4 * 4,
        }),
        ["siglip"] = () => Of(VisionTransformer.Family, "vit_base_patch16_siglip_224",
            c => c with { Size = Narrow(2) }, classes: 0),
        ["bv_gap_scan"] = () => Of(VisionTransformer.Family, "vit_base_patch16_siglip_gap_224",
            c => c with { Size = Narrow(3) }),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void ANarrowedModelLoads(string name) => Ort.Load(OnnxFile.ToBytes(Cases[name]()));

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void ItsWeightsAreTimms(string name)
    {
        var file = File.ReadAllText(Paths.Shared("golden", "convert", "flax", $"{name}.json"));
        var expected = JsonDocument.Parse(file).RootElement.GetProperty("tensors").EnumerateArray()
            .Select(t => $"{t[0]} [{string.Join(", ", t[1].EnumerateArray())}]");
        CollectionAssert.AreEqual(expected.ToArray(), Cases[name]().Weights.Select(w => $"{w.Name} {w.Shape}").ToArray());
    }

    static TransformerSize Narrow(int depth) => new(48, depth, 3, 192);

    static Graph Of<T>(Family<T> family, string name, Func<T, T> narrow, int size = 64, int classes = 10) =>
        SmallNetworks.Network(family, narrow(family[name]), size, new() { NumClasses = classes });
}
