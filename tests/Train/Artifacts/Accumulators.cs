using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>A training model for builds that know no accumulators: what went into them comes out.</summary>
static class Accumulators
{
    public static Graph Remove(Graph training) => Rewrite.Select(training,
        training.Inputs.Where(v => !v.Name.EndsWith("_grad.accumulation.buffer")
            && v.Name != "lazy_reset_grad").Select(v => (v.Name, v)),
        [.. training.Outputs.Select(y => y.Producer!.Op == "InPlaceAccumulatorV2" ? y.Producer[1] : y)]);

    /// <summary>The name of the weight that an accumulator is for.</summary>
    public static IEnumerable<(string Weight, string Value)> Of(Graph training) =>
        from y in training.Outputs
        where y.Producer!.Op == "InPlaceAccumulatorV2"
        select (y.Name[..^"_grad.accumulation.out".Length], y.Producer![1].Name);
}
