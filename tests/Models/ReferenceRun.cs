using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>A model as the reference set ran it.</summary>
static class ReferenceRun
{
    /// <summary>
    /// The graph with the reference's weights and with everything the reference looked at as an output, and its two images.
    /// </summary>
    public static (Graph Graph, (string Name, float[] Data, long[] Shape) Image) Of(string name, JsonElement row)
    {
        var model = Zoo.Build(name);
        var graph = Fill.Weights(model.Graph, row.GetProperty("gain").GetDouble());
        if (model.Net.Features is { } features)
            graph.Output("features:0", features);
        if (model.Net.PreLogits is { } head)
            graph.Output("pre_logits:0", head);
        foreach (var (i, tap) in model.Net.Taps.Index())
            graph.Output($"intermediates:{i}", tap.Map);
        return (graph, Image(row));
    }

    public static (string Name, float[] Data, long[] Shape) Image(JsonElement row)
    {
        long[] shape = [2, .. row.GetProperty("input_size").EnumerateArray().Select(d => d.GetInt64())];
        return ("input", Fill.Input(shape), shape);
    }
}
