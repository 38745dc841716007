namespace OnnxTimm.Models;

/// <summary>Where a transformer block stands and what it drops in training.</summary>
/// <param name="Index">Number of the block, from 0.</param>
/// <param name="AttnDrop">Dropout of attention weights.</param>
/// <param name="ProjDrop">Dropout after each projection.</param>
/// <param name="DropPath">Stochastic depth of this block.</param>
public readonly record struct BlockContext(int Index, double AttnDrop, double ProjDrop, double DropPath)
{
    public static BlockContext Of(Net net, int index, int blocks) =>
        new(index, net.Options.AttnDropRate, net.Options.ProjDropRate, net.DropPath(index, blocks));
}
