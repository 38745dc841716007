namespace OnnxTimm.Models;

/// <summary>How layers begin by the depth at which they stand.</summary>
public static class DepthScopes
{
    /// <summary>
    /// The last layer of a branch, which begins smaller the deeper its block is: over the root of twice the number of
    /// blocks so far (arXiv:2106.08254).
    /// </summary>
    public static Scope ByDepth(this Scope s, Place place) =>
        s.With(d => d with { Linear = d.Linear.Over(Math.Sqrt(2.0 * (place.Number + 1))) });

    /// <summary>An MLP whose last layer begins by its depth.</summary>
    public static Value MlpByDepth(this Value x, Scope s, int hidden, Place place) =>
        x.Linear(s["fc1"], hidden).Gelu().Dropout(place.ProjDrop)
            .Linear(s["fc2"].ByDepth(place), x.Features).Dropout(place.ProjDrop);
}
