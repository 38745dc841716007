using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// Rows of families' tables made narrow by <c>with</c>: what timm makes by the arguments that the reference set names.
/// </summary>
static class NarrowNetworks
{
    static readonly Dictionary<string, Func<Net, Scope, Value, Value>> Table = new()
    {
        { "densenet", Of(DenseNet.Family, "densenet121", c => c with { GrowthRate = 8, Depths = [2, 3, 2, 2] }) },
        { "resnet_v1b_basic", Of(ResNet.Family, "resnet18", c => c with
            { Depths = [2, 1, 1, 1], Planes = [8, 16, 32, 64] }) },
        { "resnet_v1d_bottleneck", Of(ResNet.Family, "resnet50d", c => c with
            { Depths = [1, 2, 1, 1], Planes = [8, 16, 32, 64], Stem = ResNet.Deep(8) }) },
        { "resnext", Of(ResNet.Family, "resnext50_32x4d", c => c with
            { Depths = [1, 1, 2, 1], Planes = [8, 16, 32, 64], Groups = 4, BaseWidth = 32 }) },
        { "mobilenet_v1_025", Of(EfficientNet.Family, "mobilenetv1_100", c => c with
            { Channels = channels => Layers.MakeDivisible(channels * 0.25), Stem = 8, Style = new(Ops.Relu) }) },
        { "bit_two", Of(ResNetV2.Family, "resnetv2_50x1_bit", c => c with
            { Depths = [2, 1], Channels = [128, 256], StemChannels = 32 }) },
        { "mixer", Of(MlpMixer.Family, "mixer_s16_224", c => c with { Depth = 3, Dim = 48, MlpRatio = (0.5, 4) }) },
        { "nest", Of(Nest.Family, "nest_tiny_jx", c => c with { Dims = [12, 24, 48], Depths = [2, 2, 8] }) },
        { "vit", Of(VisionTransformer.Family, "vit_tiny_patch16_224", c => c with { Size = Narrow(3) }) },
        { "vit_to_96", Of(VisionTransformer.Family, "vit_tiny_patch16_224", c => c with { Size = Narrow(3) }) },
        { "vit_to_gray", Of(VisionTransformer.Family, "vit_tiny_patch16_224", c => c with { Size = Narrow(3) }) },
        { "vit_to_patch8", Of(VisionTransformer.Family, "vit_tiny_patch16_224", c => c with
            { Size = Narrow(3), Patch = 8 }) },
        { "vit_prelogits_dropped", Of(VisionTransformer.Family, "vit_tiny_patch16_224", c =>
            c with { Size = Narrow(3) }) },
        { "vit_mini", Of(VisionTransformer.Family, "vit_tiny_patch16_224", c => c with { Size = new(16, 1, 2, 64) }) },
        { "vit_r0", Of(VisionTransformerHybrid.Family, "vit_tiny_r_s16_p8_224", c => c with
            { Size = Narrow(3), Patch = 4 * 4 }) },
        { "siglip", Of(VisionTransformer.Family, "vit_base_patch16_siglip_224", c => c with { Size = Narrow(2) }) },
        { "bv_gap_scan", Of(VisionTransformer.Family, "vit_base_patch16_siglip_gap_224", c => c with
            { Size = Narrow(3) }) },
    };

    /// <summary>
    /// The network of a case over an input [N, C, H, W], with the output "logits", and what it says of itself.
    /// </summary>
    public static (Graph Graph, Net Net) Build(string name, long[] input, int classes)
    {
        var net = new Net(new() { NumClasses = classes }, Pretrained.Default(name));
        var graph = new Graph(name);
        var image = graph.Input("input", DType.Float32, new(Dim.Batch, input[1], input[2], input[3]));
        graph.Output("logits", Table[name](net, graph.Root, image));
        return (graph, net);
    }

    static TransformerSize Narrow(int depth) => new(48, depth, 3, 192);

    static Func<Net, Scope, Value, Value> Of<T>(Family<T> family, string name, Func<T, T> narrow) =>
        (net, s, image) => family.Build(narrow(family[name]), net, s, image);
}
