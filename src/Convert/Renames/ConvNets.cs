namespace OnnxTimm.Conversion;

/// <summary>Convolutional networks of other code bases.</summary>
static class ConvNets
{
    /// <summary>The parts of a block <c>f</c> of a RegNet.</summary>
    static readonly Row[] RegNetBlock =
    [
        new Rename(@"\.f\.a\.0\.", ".conv1.conv."),
        new Rename(@"\.f\.a\.1\.", ".conv1.bn."),
        new Rename(@"\.f\.b\.0\.", ".conv2.conv."),
        new Rename(@"\.f\.b\.1\.", ".conv2.bn."),
    ];

    /// <summary>RegNets of torchvision.</summary>
    public static readonly RenameTable RegNet = new(
        "RegNet of torchvision",
        names => names.Contains("trunk_output.block1.block1-0.f.a.0.weight"),
        [
            new Rename(@"^stem\.0\.", "stem.conv."),
            new Rename(@"^stem\.1\.", "stem.bn."),
            new Rename(@"^trunk_output\.block(\d)\.block\d-(\d+)\.", "s$1.b{2+1}."),
            .. RegNetBlock,
            new Rename(@"\.f\.c\.0\.", ".conv3.conv."),
            new Rename(@"\.f\.c\.1\.", ".conv3.bn."),
            new Rename(@"\.f\.se\.", ".se."),
            new Rename(@"\.proj\.0\.", ".downsample.conv."),
            new Rename(@"\.proj\.1\.", ".downsample.bn."),
            new Rename(@"^fc\.", "head.fc."),
        ]);

    /// <summary>RegNets of SEER, as VISSL and Classy Vision save them.</summary>
    public static readonly RenameTable Seer = new(
        "RegNet of VISSL",
        names => names.Contains("trunk._feature_blocks.conv1.stem.0.weight"),
        [
            new Skip(@"^heads\..*(projection_head|prototypes)", "of training without labels"),
            new Rename(@"^heads\.0\.clf\.0\.", "head.fc."),
            new Rename(@"^trunk\._feature_blocks\.conv1\.stem\.0\.", "stem.conv."),
            new Rename(@"^trunk\._feature_blocks\.conv1\.stem\.1\.", "stem.bn."),
            new Rename(@"^trunk\._feature_blocks\.res\d\.block(\d)-(\d+)\.", "s$1.b{2+1}."),
            .. RegNetBlock,
            new Rename(@"\.f\.c\.", ".conv3.conv."),
            new Rename(@"\.f\.final_bn\.", ".conv3.bn."),
            new Rename(@"\.f\.se\.excitation\.0\.", ".se.fc1."),
            new Rename(@"\.f\.se\.excitation\.2\.", ".se.fc2."),
            new Rename(@"\.proj\.", ".downsample.conv."),
            new Rename(@"^(s\d\.b\d+)\.bn\.", "$1.downsample.bn."),
        ]);

    /// <summary>TResNet of Alibaba-MIIL/TResNet; where a reduction blurs, a layer is a sequence in another.</summary>
    public static readonly RenameTable TResNet = new(
        "TResNet of its authors",
        names => names.Contains("body.conv1.0.weight"),
        [
            new Rename(@"\.(conv\d)\.0\.0\.", ".$1.conv."),
            new Rename(@"\.(conv\d)\.0\.1\.", ".$1.bn."),
            new Rename(@"\.(conv\d|downsample\.\d)\.0\.", ".$1.conv."),
            new Rename(@"\.(conv\d|downsample\.\d)\.1\.", ".$1.bn."),
            new Rename(@"\.bn\.weight$", ".bn.weight", Layout.Absolute),
        ]);

    /// <summary>VGG of torchvision: layers over the flattened map are convolutions in timm.</summary>
    public static readonly RenameTable Vgg = new(
        "VGG of torchvision",
        names => names.Contains("classifier.6.weight") && names.Contains("features.0.weight"),
        [
            new Rename(@"^classifier\.0\.weight$", "pre_logits.fc1.weight", Layout.OverMap(7, 7)),
            new Rename(@"^classifier\.0\.", "pre_logits.fc1."),
            new Rename(@"^classifier\.3\.", "pre_logits.fc2."),
            new Rename(@"^classifier\.6\.", "head.fc."),
        ]);

    /// <summary>RDNet of naver-ai/rdnet.</summary>
    public static readonly RenameTable RdNet = new(
        "RDNet of its authors",
        names => names.Contains("stem.stem.0.weight"),
        [new Rename(@"^stem\.stem\.", "stem.")]);

    /// <summary>GhostNetV3 of huawei-noah.</summary>
    public static readonly RenameTable GhostNet = new(
        "GhostNetV3 of its authors",
        names => names.Contains("blocks.0.0.ghost1.primary_rpr_conv.0.bn.weight"),
        [new Rename(@"(\.ghost\d\..*|\.dw_rpr_.*)\.bn\.", "$1.bn1.")]);

    /// <summary>CPUBone of altair199797/CPUBone.</summary>
    public static readonly RenameTable CpuBone = new(
        "CPUBone of its authors",
        names => names.Contains("backbone.input_stem.op_list.0.conv.weight"),
        [
            new Rename(@"\.conv_proj\.0\.", ".conv_proj.conv."),
            new Rename(@"\.conv_proj\.1\.", ".conv_proj.norm."),
            new Rename(@"\.pwise\.0\.", ".pwise."),
            new Rename(@"^head\.op_list\.0\.", "head.in_conv."),
            new Rename(@"^head\.op_list\.2\.", "head.pre_classifier."),
            new Rename(@"^head\.op_list\.3\.", "head.classifier."),
            new Rename(@"^backbone\.input_stem\.", "stem."),
            new Rename(@"^backbone\.stages\.", "stages."),
            new Rename(@"\.op_list\.", "."),
            new BiasIntoMean(@"\.(inverted_conv|depth_conv)\.conv(?:\.1)?\.bias$", ".$1.norm.running_mean"),
        ]);

    /// <summary>CSATv2: a stage ends with the reduction with which timm's next begins.</summary>
    public static readonly RenameTable CsatV2 = new(
        "CSATv2 of its authors",
        names => names.Contains("dct.Y_Conv.weight"),
        [
            new Rename(@"^dct\.", "stem_dct."),
            new Rename(@"\.Y_Conv\.", ".conv_y."),
            new Rename(@"\.Cb_Conv\.", ".conv_cb."),
            new Rename(@"\.Cr_Conv\.", ".conv_cr."),
            new Rename(@"^stages1\.3\.", "stages.1.0."),
            new Rename(@"^stages1\.", "stages.0."),
            new Rename(@"^stages2\.3\.", "stages.2.0."),
            new Rename(@"^stages3\.9\.", "stages.3.0."),
            new Rename(@"^stages(\d)\.(\d+)\.", "stages.{1-1}.{2+1}."),
            new Rename(@"\.grn\.gamma$", ".grn.weight"),
            new Rename(@"\.grn\.beta$", ".grn.bias"),
            new Rename(@"\.ff\.net\.0\.", ".mlp.fc1."),
            new Rename(@"\.ff\.net\.3\.", ".mlp.fc2."),
            new Rename(@"\.attn_norm\.", ".norm1."),
            new Rename(@"\.ff_norm\.", ".norm2."),
            new Rename(@"\.attention\.attention\.(?:attn\.)?", ".attn.attn."),
            new Rename(@"\.attention\.pos_embed\.", ".pos_embed."),
            new Rename(@"\.attention\.", ".attn."),
            new Rename(@"\.to_qkv\.", ".qkv."),
            new Rename(@"\.to_out\.0\.", ".proj."),
            new Rename(@"^head\.", "head.fc."),
            new Rename(@"^norm\.", "head.norm."),
        ]);
}
