using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// The smallest name of every module for other arguments than its own, against timm in float64: another image, one
/// channel, five classes, none, maps of stages, strides that dilate.
/// </summary>
[TestClass]
public sealed class ArgumentsTests
{
    static readonly ILookup<bool, JsonElement> All = GoldenZoo.Rows(Paths.Golden("zoo", "arguments.jsonl.gz"))
        .Where(row => Asked.Has(Name(row))).ToLookup(row => row.TryGetProperty("refused", out _));

    static IEnumerable<JsonElement> Rows => All[false];

    [TestMethod]
    public void ASampleGivesWhatTimmGives() => Check(Asked.Sample(Rows, Name, 24));

    [TestMethod]
    [TestCategory("all")]
    public void EveryModuleGivesWhatTimmGives() => Check(Rows);

    [TestMethod]
    public void WhatTimmRefusesIsRefusedInOneLine()
    {
        string[] faults = [.. All[true].Select(Accepted).OfType<string>()];
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults)}");
    }

    /// <summary>What is wrong with how a row is refused; null for nothing.</summary>
    static string? Accepted(JsonElement row)
    {
        try
        {
            Zoo.Build(Name(row), Options(row.GetProperty("arguments"), Shape(row)));
            return $"{Title(row)} is built, timm says: {row.GetProperty("refused")}";
        }
        catch (UserException e)
        {
            return e.Message.Contains('\n') ? $"{Title(row)}: {e.Message}" : null;
        }
    }

    static void Check(IEnumerable<JsonElement> rows)
    {
        string[] faults = [.. rows.SelectMany(Faults)];
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults)}");
    }

    static string Name(JsonElement row) => row.GetProperty("name").GetString()!;

    static string Title(JsonElement row) => $"{Name(row)} {row.GetProperty("arguments")} {row.GetProperty("input")}";

    static long[] Shape(JsonElement row) => [2, .. row.GetProperty("input").EnumerateArray().Select(d => d.GetInt64())];

    static IEnumerable<string> Faults(JsonElement row)
    {
        try
        {
            return [.. Compared(row).Select(fault => $"{Title(row)}: {fault}")];
        }
        catch (Exception e) when (e is UserException or InvalidOperationException)
        {
            return [$"{Title(row)}: {e.Message}"];
        }
    }

    static IEnumerable<string> Compared(JsonElement row)
    {
        var shape = Shape(row);
        var graph = Fill.Weights(Zoo.Build(Name(row), Options(row.GetProperty("arguments"), shape)).Graph,
            row.GetProperty("gain").GetDouble());
        var image = ("input", Fill.Input(shape), shape);
        // The runtime rounds otherwise without its blocked layouts, which sharp gates amplify.
        string[] faults = [.. Far(row, graph, Ort.Run(graph, GraphOptimizationLevel.ORT_DISABLE_ALL, image))];
        if (faults.Length > 0)
            faults = [.. Far(row, graph, Ort.Run(graph, image))];
        return faults.Length > 0 && Float64.Knows(graph) ? Far(row, graph, Float64.Run(graph, image)) : faults;
    }

    static IEnumerable<string> Far(JsonElement row, Graph graph, Dictionary<string, float[]> got)
    {
        JsonElement[][] items = [.. new[] { "item_0", "item_1" }.Select(item =>
            row.GetProperty(item).EnumerateArray().ToArray())];
        // Each head is an output beside the mean, which timm gives alone.
        Value[] outputs = [.. graph.Outputs.Where(o => !o.Name.StartsWith("logits_", StringComparison.Ordinal))];
        if (items[0].Length != outputs.Length)
            return [$"{outputs.Length} outputs, timm has {items[0].Length}"];
        var bound = Math.Max(Tolerances.Get("zoo/numbers.noise") * row.GetProperty("noise").GetDouble(),
            Tolerances.Get("zoo/numbers.sensitivity") * row.GetProperty("sensitivity").GetDouble()
                + Tolerances.Get("zoo/numbers.floor"));
        return from output in outputs.Index()
               from item in new[] { 0, 1 }
               let error = Signature.Worst(items[item][output.Index], got[output.Item.Name], item)
               let relative = error / items[0][output.Index].GetProperty("std").GetDouble()
               where !(relative <= bound)
               select $"{output.Item}, image {item}: {relative:e1} of the deviation, allowed are {bound:e1}";
    }

    static ModelOptions Options(JsonElement arguments, long[] shape)
    {
        int? Number(string name) => arguments.TryGetProperty(name, out var value) ? value.GetInt32() : null;
        return new()
        {
            ImgSize = ((int)shape[2], (int)shape[3]),
            InChans = Number("in_chans"),
            NumClasses = Number("num_classes"),
            OutputStride = Number("output_stride"),
            FeaturesOnly = arguments.TryGetProperty("features_only", out _),
        };
    }
}
