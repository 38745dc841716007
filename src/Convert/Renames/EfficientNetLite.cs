namespace OnnxTimm.Conversion;

/// <summary>EfficientNet-Lite in the names of lukemelas/EfficientNet-PyTorch and its forks.</summary>
static class EfficientNetLite
{
    /// <summary>Lite0: 16 blocks in 7 stages, without squeeze-and-excitation.</summary>
    public static readonly RenameTable Lite0 = new(
        "EfficientNet-Lite0 of EfficientNet-PyTorch",
        names => names.Contains("_blocks.15._project_conv.weight") && !names.Contains("_blocks.16._project_conv.weight")
            && !names.Any(name => name.Contains("._se_")),
        [
            new Rename(@"^_conv_stem\.", "conv_stem."),
            new Rename(@"^_bn0\.", "bn1."),
            new Rename(@"^_blocks\.0\.", "blocks.0.0."),
            new Rename(@"^_blocks\.1\.", "blocks.1.0."),
            new Rename(@"^_blocks\.2\.", "blocks.1.1."),
            new Rename(@"^_blocks\.3\.", "blocks.2.0."),
            new Rename(@"^_blocks\.4\.", "blocks.2.1."),
            new Rename(@"^_blocks\.5\.", "blocks.3.0."),
            new Rename(@"^_blocks\.6\.", "blocks.3.1."),
            new Rename(@"^_blocks\.7\.", "blocks.3.2."),
            new Rename(@"^_blocks\.8\.", "blocks.4.0."),
            new Rename(@"^_blocks\.9\.", "blocks.4.1."),
            new Rename(@"^_blocks\.10\.", "blocks.4.2."),
            new Rename(@"^_blocks\.11\.", "blocks.5.0."),
            new Rename(@"^_blocks\.12\.", "blocks.5.1."),
            new Rename(@"^_blocks\.13\.", "blocks.5.2."),
            new Rename(@"^_blocks\.14\.", "blocks.5.3."),
            new Rename(@"^_blocks\.15\.", "blocks.6.0."),
            // the first block has no expansion, so its norms count from one convolution later
            new Rename(@"^(blocks\.0\.0)\._depthwise_conv\.", "$1.conv_dw."),
            new Rename(@"^(blocks\.0\.0)\._bn1\.", "$1.bn1."),
            new Rename(@"^(blocks\.0\.0)\._project_conv\.", "$1.conv_pw."),
            new Rename(@"^(blocks\.0\.0)\._bn2\.", "$1.bn2."),
            new Rename(@"\._expand_conv\.", ".conv_pw."),
            new Rename(@"\._bn0\.", ".bn1."),
            new Rename(@"\._depthwise_conv\.", ".conv_dw."),
            new Rename(@"\._bn1\.", ".bn2."),
            new Rename(@"\._project_conv\.", ".conv_pwl."),
            new Rename(@"\._bn2\.", ".bn3."),
            new Rename(@"^_conv_head\.", "conv_head."),
            new Rename(@"^_bn1\.", "bn2."),
            new Rename(@"^_fc\.", "classifier."),
        ]);
}
