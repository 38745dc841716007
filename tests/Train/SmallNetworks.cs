using OnnxTimm.Models;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// One network for every kind of block, stem, norm, attention and head of the zoo: a variant of the zoo, made small.
/// </summary>
static class SmallNetworks
{
    static readonly (string Name, Func<string, Graph> Build)[] Table =
    [
        .. Each(Residual, "resnet18", "resnet50", "resnet50c", "resnet26t", "wide_resnet50_2", "resnet50_gn",
            "resnext50_32x4d", "seresnet18", "ecaresnet26t", "ecaresnetlight", "senet154", "resnetblur18",
            "resnetblur50d", "resnetaa34d", "seresnextaa101d_32x8d", "resnetrs50"),
        .. Each(Cifar, "cifar_resnet20"),
        .. Each(Dense, "densenet121", "densenetblur121d"),
        .. Each(Inception, "inception_v3"),
        .. Each(SplitAttention, "resnest50d", "resnest50d_4s2x40d", "resnest50d_1s4x24d"),
        .. Each(HighResolution, "hrnet_w18_small", "hrnet_w18_ssld"),
        .. Each(Mobile, "mnasnet_100", "semnasnet_100", "mobilenetv1_100", "mobilenetv2_100", "fbnetc_100",
            "efficientnet_b0", "efficientnet_b0_gn", "efficientnet_b0_g8_gn", "efficientnet_b0_g16_evos",
            "efficientnet_blur_b0", "efficientnet_es", "efficientnet_cc_b0_4e", "efficientnet_lite0",
            "gc_efficientnetv2_rw_t", "tf_efficientnet_b0", "tf_efficientnetv2_b0", "efficientnet_x_b3", "tf_mixnet_s",
            "mobilenet_edgetpu_v2_xs", "test_efficientnet_ln"),
        .. Each(Transformer, "vit_tiny_patch16_224", "vit_base_patch16_224_miil", "vit_medium_patch16_gap_240",
            "vit_xsmall_patch16_clip_224", "vit_base_patch32_clip_quickgelu_224", "vit_base_patch16_rpn_224",
            "vit_small_patch16_18x2_224", "flexivit_small", "vit_base_patch16_xp_224", "vit_small_patch14_dinov2",
            "vit_small_patch14_reg4_dinov2", "vit_giant_patch14_dinov2", "vit_base_patch16_siglip_224",
            "vit_base_patch32_siglip_gap_256", "vit_wee_patch16_reg1_gap_256", "vit_dwee_patch16_reg1_gap_256",
            "vit_pwee_patch16_reg1_gap_256", "vit_dpwee_patch16_reg1_gap_256", "vit_base_patch16_radio_v3",
            "aimv2_large_patch14_224", "test_vit3", "beit3_base_patch16_224"),
        .. Each(Mixing, "mixer_s32_224", "gmixer_12_224", "resmlp_12_224", "gmlp_ti16_224"),
        .. Each(Nested, "nest_tiny", "nest_tiny_jx"),
        .. Each(PreActivated, "resnetv2_50x1_bit", "resnetv2_50", "resnetv2_50d", "resnetv2_50t", "resnetv2_50d_gn",
            "resnetv2_50d_evos", "resnetv2_50d_frn"),
        .. Each(PreActivatedBasic, "resnetv2_18", "resnetv2_18d"),
        .. Each(Hybrid, "vit_tiny_r_s16_p8_224", "vit_small_r26_s32_224", "vit_small_resnet26d_224",
            "vit_base_mci_224"),
        ("vit_tiny_patch16_224, pooled by attention without parameters",
            _ => Transformer("vit_tiny_patch16_224", new() { NumClasses = 10, GlobalPool = "prr" })),
    ];

    public static IEnumerable<string> Names => Table.Select(row => row.Name);

    public static Graph Build(string name) => Table.Single(row => row.Name == name).Build(name);

    static IEnumerable<(string, Func<string, Graph>)> Each(Func<string, Graph> build, params string[] names) =>
        names.Select(name => (name, build));

    static Graph Residual(string name) => Network(ResNet.Family,
        ResNet.Family[name] with { Depths = [1, 1], Planes = [32, 64] }, 40);

    static Graph Cifar(string name) => Network(CifarResNet.Family, new(1), 16);

    static Graph Dense(string name) => Network(DenseNet.Family,
        DenseNet.Family[name] with { GrowthRate = 8, Depths = [2, 2] }, 40);

    static Graph Inception(string name) => Network(InceptionV3.Family,
        InceptionV3.Family[name] with { Channels = channels => channels / 8 }, 112);

    static Graph SplitAttention(string name) => Network(ResNeSt.Family,
        ResNeSt.Family[name] with { Depths = [1, 1], Planes = [32, 64] }, 40);

    static Graph HighResolution(string name)
    {
        var narrow = HighResolutionNet.Family[name] with { Width = 8, Depth = 1, Modules = [1, 1] };
        return Network(HighResolutionNet.Family, narrow with { First = (1, 8), HeadPlanes = 8 }, 48);
    }

    static Graph Mobile(string name) => Network(EfficientNet.Family,
        EfficientNet.Family[name] with { Depth = (_, _, _) => 1, Head = 64 }, 64);

    static Graph Transformer(string name) => Transformer(name, new() { NumClasses = 10 });

    static Graph Transformer(string name, ModelOptions options) => Network(VisionTransformer.Family,
        VisionTransformer.Family[name] with { Size = new(32, 2, 2, 64), Patch = 8 }, 32, options);

    static Graph Mixing(string name) => Network(MlpMixer.Family,
        MlpMixer.Family[name] with { Depth = 2, Dim = 32, Patch = 8 }, 32);

    static Graph Nested(string name) => Network(Nest.Family,
        Nest.Family[name] with { Dims = [8, 16, 32], Heads = [1, 2, 4], Depths = [1, 2, 1] }, 32);

    /// <summary>The narrowest for 32 groups.</summary>
    static Graph PreActivated(string name) => Network(ResNetV2.Family,
        ResNetV2.Family[name] with { Depths = [1, 2], Channels = [128, 256] }, 64);

    static Graph PreActivatedBasic(string name) => Network(ResNetV2.Family,
        ResNetV2.Family[name] with { Depths = [1, 2], Channels = [32, 64], StemChannels = 32 }, 64);

    static Graph Hybrid(string name) => Network(VisionTransformerHybrid.Family,
        VisionTransformerHybrid.Family[name] with { Size = new(32, 2, 2, 64) }, 64);

    /// <summary>
    /// A network over an image [N, 3, size, size], with output logits of ten classes unless asked otherwise.
    /// </summary>
    public static Graph Network<T>(Family<T> family, T config, int size, ModelOptions? options = null)
    {
        var net = new Net(options ?? new() { NumClasses = 10 }, Pretrained.Default("small"));
        var graph = new Graph("small");
        var image = graph.Input("input", DType.Float32, new(Dim.Batch, 3, size, size));
        graph.Output("logits", family.Build(config, net, graph.Root, image));
        return graph;
    }
}
