namespace OnnxTimm.Models;

/// <summary>
/// Where a block stands in its network, how far it subsamples there, and what it drops in training.
/// </summary>
/// <param name="Stage">Number of its stage, from 0.</param>
/// <param name="Index">Its number in the stage, from 0.</param>
/// <param name="Number">Its number in the network, from 0.</param>
public readonly record struct Place(int Stage, int Index, int Number)
{
    /// <summary>Stages of the network.</summary>
    public int Stages { get; init; } = 1;

    /// <summary>Blocks of its stage.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>Blocks of the network.</summary>
    public int Blocks { get; init; } = 1;

    /// <summary>Whether it begins its stage, where a map may be subsampled.</summary>
    public bool IsFirst => Index == 0;

    /// <summary>Whether it ends its stage, after which a map is tapped.</summary>
    public bool IsLast => Index == Depth - 1;

    /// <summary>What the block divides the map by; 1 for all but the first of a stage.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Distance of the taps of its windows, where a stage dilates in place of its stride.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>The same of the first window, which still sees the map of the block before.</summary>
    public int FirstDilation { get; init; } = 1;

    /// <summary>Stochastic depth of this block.</summary>
    public double DropPath { get; init; }

    /// <summary>The squares that training drops of this block's maps; null for none.</summary>
    public BlockDrop? DropBlock { get; init; }

    /// <summary>Dropout of attention weights.</summary>
    public double AttnDrop { get; init; }

    /// <summary>Dropout after each projection.</summary>
    public double ProjDrop { get; init; }
}

/// <summary>A block of a network that was built.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="First">Its first node in the graph.</param>
/// <param name="End">The node after its last.</param>
public readonly record struct BuiltBlock(Place Place, int First, int End);

/// <summary>The squares that DropBlock (arXiv:1810.12890) takes out of a map.</summary>
/// <param name="Rate">Share of the map.</param>
/// <param name="Size">Side of a square in pixels.</param>
/// <param name="Scale">Factor on the share.</param>
public sealed record BlockDrop(double Rate, int Size, double Scale)
{
    /// <summary>timm's rule: the last stage loses small squares, the one before a quarter as many large ones.</summary>
    public static BlockDrop? Of(double rate, Place p) => (p.Stages - p.Stage) switch
    {
        _ when rate == 0 => null,
        1 => new(rate, 3, 1),
        2 => new(rate, 5, 0.25),
        _ => null,
    };
}

/// <summary>
/// How stochastic depth (arXiv:1603.09382) grows over the blocks: from the last block's rate, a block's.
/// </summary>
public static class DropPathRule
{
    /// <summary>From 0 at the first block to the rate at the last.</summary>
    public static double Linear(double rate, Place p) => rate * p.Number / Math.Max(1, p.Blocks - 1);

    /// <summary>By the share of blocks before it: EfficientNet's, which never reaches the rate.</summary>
    public static double ByShare(double rate, Place p) => rate * p.Number / p.Blocks;

    /// <summary>The same for all blocks of a stage, linear over the stages.</summary>
    public static double Stagewise(double rate, Place p) => rate * p.Stage / Math.Max(1, p.Stages - 1);

    /// <summary>The same for all blocks.</summary>
    public static double Constant(double rate, Place p) => rate;
}
