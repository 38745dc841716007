namespace OnnxTimm.Models;

/// <summary>Pools of tokens [N, L, D] that attend.</summary>
public static class TokenPooling
{
    /// <summary>
    /// Self-attention without parameters over all tokens, which refines patches before they are pooled (timm's
    /// AttentionPoolPrr, "prr").
    /// </summary>
    public static Value Refine(this Value tokens, int heads)
    {
        var x = tokens.SplitHeads(heads);
        return new Qkv(x, x, x).Attend().MergeHeads();
    }
}
