namespace OnnxTimm.Train;

/// <summary>Parameters that are treated alike.</summary>
/// <param name="Names">Names of the parameters.</param>
/// <param name="WeightDecay">Their weight decay.</param>
/// <param name="LrScale">Factor on the scheduled learning rate.</param>
public sealed record ParamGroup(string[] Names, double WeightDecay, double LrScale = 1)
{
    /// <summary>Whether they are updated by the optimizer's fallback, such as AdamW in place of Muon.</summary>
    public bool UsesFallback { get; init; }
}
