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
            new(@"^_conv_stem\.", "conv_stem."),
            new(@"^_bn0\.", "bn1."),
            new(@"^_blocks\.0\.", "blocks.0.0."),
            new(@"^_blocks\.1\.", "blocks.1.0."),
            new(@"^_blocks\.2\.", "blocks.1.1."),
            new(@"^_blocks\.3\.", "blocks.2.0."),
            new(@"^_blocks\.4\.", "blocks.2.1."),
            new(@"^_blocks\.5\.", "blocks.3.0."),
            new(@"^_blocks\.6\.", "blocks.3.1."),
            new(@"^_blocks\.7\.", "blocks.3.2."),
            new(@"^_blocks\.8\.", "blocks.4.0."),
            new(@"^_blocks\.9\.", "blocks.4.1."),
            new(@"^_blocks\.10\.", "blocks.4.2."),
            new(@"^_blocks\.11\.", "blocks.5.0."),
            new(@"^_blocks\.12\.", "blocks.5.1."),
            new(@"^_blocks\.13\.", "blocks.5.2."),
            new(@"^_blocks\.14\.", "blocks.5.3."),
            new(@"^_blocks\.15\.", "blocks.6.0."),
            // the first block has no expansion, so its norms count from one convolution later
            new(@"^(blocks\.0\.0)\._depthwise_conv\.", "$1.conv_dw."),
            new(@"^(blocks\.0\.0)\._bn1\.", "$1.bn1."),
            new(@"^(blocks\.0\.0)\._project_conv\.", "$1.conv_pw."),
            new(@"^(blocks\.0\.0)\._bn2\.", "$1.bn2."),
            new(@"\._expand_conv\.", ".conv_pw."),
            new(@"\._bn0\.", ".bn1."),
            new(@"\._depthwise_conv\.", ".conv_dw."),
            new(@"\._bn1\.", ".bn2."),
            new(@"\._project_conv\.", ".conv_pwl."),
            new(@"\._bn2\.", ".bn3."),
            new(@"^_conv_head\.", "conv_head."),
            new(@"^_bn1\.", "bn2."),
            new(@"^_fc\.", "classifier."),
        ]);
}
