namespace OnnxTimm.Models;

/// <summary>How wide and deep a transformer is: the sizes of vision transformers under timm's names.</summary>
/// <param name="Dim">Width of a token.</param>
/// <param name="Depth">Number of blocks.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Hidden">Width of the MLP between its layers.</param>
public sealed record TransformerSize(int Dim, int Depth, int Heads, int Hidden)
{
    public static TransformerSize Tiny => new(192, 12, 3, 768);

    public static TransformerSize XSmall => new(256, 10, 4, 1024);

    public static TransformerSize Wee => new(256, 14, 4, 1280);

    public static TransformerSize Little => new(320, 14, 5, 1792);

    public static TransformerSize Small => new(384, 12, 6, 1536);

    public static TransformerSize Medium => new(512, 12, 8, 2048);

    public static TransformerSize Betwixt => new(640, 12, 10, 2560);

    public static TransformerSize Base => new(768, 12, 12, 3072);

    public static TransformerSize So150M2 => new(832, 21, 13, 2176);

    public static TransformerSize So150M => new(896, 18, 14, 2304);

    public static TransformerSize Plus => new(896, 12, 14, 3584);

    public static TransformerSize Large => new(1024, 24, 16, 4096);

    public static TransformerSize AimLarge => new(1024, 24, 8, 2816);

    public static TransformerSize So400M => new(1152, 27, 16, 4304);

    public static TransformerSize Huge => new(1280, 32, 16, 5120);

    public static TransformerSize Giant => new(1408, 40, 16, 6144);

    public static TransformerSize GiantOpt => new(1536, 40, 16, 6144);

    /// <summary>The hidden width holds the gate and what it gates, 4096 each.</summary>
    public static TransformerSize GiantGated => new(1536, 40, 24, 8192);

    public static TransformerSize AimHuge => new(1536, 24, 12, 4096);

    public static TransformerSize Gigantic => new(1664, 48, 16, 8192);

    public static TransformerSize Aim1B => new(2048, 24, 16, 5632);

    public static TransformerSize Aim3B => new(3072, 24, 24, 8192);
}
