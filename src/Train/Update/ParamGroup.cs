namespace OnnxTimm.Train;

/// <summary>Parameters that are treated alike.</summary>
/// <param name="Names">Names of the parameters.</param>
/// <param name="WeightDecay">Their weight decay.</param>
/// <param name="LrScale">Factor on the scheduled learning rate.</param>
public sealed record ParamGroup(string[] Names, double WeightDecay, double LrScale = 1);
