using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>A model as the reference set ran it.</summary>
static class ReferenceRun
{
    /// <summary>
    /// The graph with the reference's weights, everything the reference looked at as an output, and its two images.
    /// </summary>
    static (Graph Graph, (string Name, float[] Data, long[] Shape) Image) Of(string name, JsonElement row)
    {
        var model = Zoo.Build(name);
        var graph = Fill.Weights(model.Graph, row.GetProperty("gain").GetDouble());
        foreach (var (i, features) in model.Net.Features.Index())
            graph.Output($"features:{i}", features);
        graph.Output("pre_logits:0", model.Net.JoinedPreLogits());
        foreach (var (i, tap) in model.Net.Taps.Index())
            graph.Output($"intermediates:{i}", tap.Map);
        return (graph, Image(row));
    }

    /// <summary>
    /// What a graph, perhaps rewritten, computes otherwise than timm. Where it seems to, the noise of float32 is
    /// measured, and where that does not explain it, float64 judges: the runtime's kernels round, and saturate, in ways
    /// that a few rows of huge activations amplify.
    /// </summary>
    public static string[] Faults(string name, JsonElement row, Func<Graph, Graph> rewrite)
    {
        try
        {
            var (graph, image) = Of(name, row);
            graph = rewrite(graph);
            // Unoptimized first: the runtime's blocked layouts round differently, which sharp gates amplify.
            var got = Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL, image);
            string[] faults = [.. new Reference(name, row, got).Faults()];
            if (faults.Length > 0)
                faults = [.. new Reference(name, row, got, Ort.Run(graph, image)).Faults()];
            return faults.Length > 0 && Float64.Knows(graph)
                ? [.. new Reference(name, row, Float64.Run(graph, image)).Faults()]
                : faults;
        }
        catch (Exception e) when (e is UserException or InvalidOperationException)
        {
            return [$"{name}: {e.Message}"];
        }
    }

    static (string Name, float[] Data, long[] Shape) Image(JsonElement row)
    {
        long[] shape = [2, .. row.GetProperty("input_size").EnumerateArray().Select(d => d.GetInt64())];
        return ("input", Fill.Input(shape), shape);
    }
}
