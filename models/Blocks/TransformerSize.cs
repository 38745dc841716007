namespace OnnxTimm.Models;

/// <summary>How wide and deep a transformer is: the sizes of vision transformers under timm's names.</summary>
/// <param name="Dim">Width of a token.</param>
/// <param name="Depth">Number of blocks.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Hidden">Width of the MLP between its layers.</param>
public sealed record TransformerSize(int Dim, int Depth, int Heads, int Hidden)
{
    /// <summary>192 wide: 12 blocks of 3 heads.</summary>
    public static TransformerSize Tiny => new(192, 12, 3, 768);

    /// <summary>256 wide, shallow: 10 blocks of 4 heads.</summary>
    public static TransformerSize XSmall => new(256, 10, 4, 1024);

    /// <summary>256 wide, deeper, with an MLP of 5 times the width.</summary>
    public static TransformerSize Wee => new(256, 14, 4, 1280);

    /// <summary>320 wide, with an MLP of 5.6 times the width.</summary>
    public static TransformerSize Little => new(320, 14, 5, 1792);

    /// <summary>384 wide: 12 blocks of 6 heads.</summary>
    public static TransformerSize Small => new(384, 12, 6, 1536);

    /// <summary>512 wide: 12 blocks of 8 heads.</summary>
    public static TransformerSize Medium => new(512, 12, 8, 2048);

    /// <summary>640 wide: between medium and base.</summary>
    public static TransformerSize Betwixt => new(640, 12, 10, 2560);

    /// <summary>768 wide: 12 blocks of 12 heads, ViT-B of arXiv:2010.11929.</summary>
    public static TransformerSize Base => new(768, 12, 12, 3072);

    /// <summary>Shape-optimized, second form: narrower and deeper.</summary>
    public static TransformerSize So150M2 => new(832, 21, 13, 2176);

    /// <summary>Shape-optimized (arXiv:2305.13035), with some 150 million parameters.</summary>
    public static TransformerSize So150M => new(896, 18, 14, 2304);

    /// <summary>896 wide: wider than base, as deep.</summary>
    public static TransformerSize Plus => new(896, 12, 14, 3584);

    /// <summary>1024 wide: 24 blocks of 16 heads, ViT-L of arXiv:2010.11929.</summary>
    public static TransformerSize Large => new(1024, 24, 16, 4096);

    /// <summary>AIMv2's (arXiv:2411.14402), with heads of 128 channels and a gated MLP.</summary>
    public static TransformerSize AimLarge => new(1024, 24, 8, 2816);

    /// <summary>Shape-optimized (arXiv:2305.13035), with some 400 million parameters: SigLIP's.</summary>
    public static TransformerSize So400M => new(1152, 27, 16, 4304);

    /// <summary>1280 wide: 32 blocks of 16 heads, ViT-H of arXiv:2010.11929.</summary>
    public static TransformerSize Huge => new(1280, 32, 16, 5120);

    /// <summary>1408 wide: ViT-g of arXiv:2106.04560.</summary>
    public static TransformerSize Giant => new(1408, 40, 16, 6144);

    /// <summary>1536 wide: SigLIP 2's giant (arXiv:2502.14786).</summary>
    public static TransformerSize GiantOpt => new(1536, 40, 16, 6144);

    /// <summary>The hidden width holds the gate and what it gates, 4096 each.</summary>
    public static TransformerSize GiantGated => new(1536, 40, 24, 8192);

    /// <summary>AIMv2's, 1536 wide, with heads of 128 channels.</summary>
    public static TransformerSize AimHuge => new(1536, 24, 12, 4096);

    /// <summary>1664 wide: ViT-G of arXiv:2106.04560.</summary>
    public static TransformerSize Gigantic => new(1664, 48, 16, 8192);

    /// <summary>AIMv2's of some billion parameters.</summary>
    public static TransformerSize Aim1B => new(2048, 24, 16, 5632);

    /// <summary>AIMv2's of some three billion parameters.</summary>
    public static TransformerSize Aim3B => new(3072, 24, 24, 8192);
}
