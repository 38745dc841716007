namespace OnnxTimm.Train;

/// <summary>
/// Chooses what of the forward part of a step lives until the backward part reads it; all else is computed again. The
/// numbers are the same.
/// </summary>
/// <param name="step">Forward and backward part.</param>
/// <param name="forward">Number of nodes of the forward part, which stand first.</param>
/// <returns>Whether a value of the forward part is kept.</returns>
public delegate Func<Value, bool> Keeping(Graph step, int forward);

/// <summary>What a step keeps.</summary>
public static class Keepings
{
    /// <summary>All that the backward part reads: the most memory, and nothing is computed twice.</summary>
    public static Keeping All { get; } = (_, _) => _ => true;

    /// <summary>All but what costs next to nothing to be computed again: <see cref="CheapMaps"/>.</summary>
    public static Keeping Costly { get; } = (step, forward) => new CheapMaps(step, forward).IsKept;

    /// <summary>
    /// What comes out of a block, and of the stem (arXiv:1604.06174; timm's --grad-checkpointing): a block is computed
    /// again when its gradients are. The last one, whose gradients come next anyhow, and the head are not.
    /// </summary>
    /// <param name="trainee">The network, which tells the layer of each weight.</param>
    public static Keeping Borders(Trainee trainee)
    {
        var layers = ParamGroups.Layers(trainee);
        return (step, forward) =>
        {
            var costly = Costly(step, forward);
            var borders = new LayerBorders(step, forward, layers);
            return v => borders.IsWithin(v) ? borders.IsBorder(v) : costly(v);
        };
    }
}
