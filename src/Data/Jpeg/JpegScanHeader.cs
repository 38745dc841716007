namespace OnnxTimm.Data;

/// <summary>What one scan of a JPEG brings: coefficients of some components, all bits or the next one.</summary>
/// <param name="Start">Where its coded data begins in the file.</param>
/// <param name="Components">Which components, by their place in the frame.</param>
/// <param name="From">The first coefficient in zigzag order.</param>
/// <param name="To">The last one.</param>
/// <param name="High">The bit that the scan before ended with; 0 where this scan is the first.</param>
/// <param name="Low">The lowest bit that this scan brings.</param>
/// <param name="RestartInterval">MCUs between restart markers; 0 for none.</param>
sealed record JpegScanHeader(int Start, int[] Components, int From, int To, int High, int Low, int RestartInterval)
{
    /// <summary>More of them in an MCU is not allowed.</summary>
    const int MostBlocks = 10;

    /// <summary>Huffman tables of the first coefficients, for each component.</summary>
    public HuffmanTable?[] Dc { get; } = new HuffmanTable?[Components.Length];

    /// <summary>Huffman tables of the others.</summary>
    public HuffmanTable?[] Ac { get; } = new HuffmanTable?[Components.Length];

    public bool NeedsDc => From == 0 && High == 0;

    public bool NeedsAc => To > 0;

    public bool IsValid(JpegFrame frame) =>
        (Components.Length == 1 || Components.Sum(c => frame.Components[c].H * frame.Components[c].V) <= MostBlocks)
        && (!frame.IsProgressive || IsValidPart);

    bool IsValidPart => Low <= 13 && (High == 0 || High == Low + 1)
        && (From == 0 ? To == 0 : From <= To && To < 64 && Components.Length == 1);
}
