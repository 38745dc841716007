using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Models;

/// <summary>What a built model tells of itself, against timm's rows.</summary>
static class ModelChecks
{
    /// <param name="model">With timm's defaults.</param>
    /// <param name="rows">Number and hash of the weights, by name.</param>
    /// <param name="lists">Everything, by name; empty where the large reference set is not here.</param>
    public static IEnumerable<string> Of(Model model, Dictionary<string, JsonElement> rows,
        Dictionary<string, JsonElement> lists)
    {
        var name = model.Record.Architecture;
        var faults = model.Graph.Nodes.Where(n => n.Domain.Length == 0).Select(n => n.Op).Distinct()
            .Except(OperatorForms.Known).Select(op => $"{op} has no row of its forms");
        if (rows.TryGetValue(name, out var row))
            faults = faults.Concat(Weights(model, row, lists.GetValueOrDefault(name)));
        return lists.TryGetValue(name, out var list)
            ? [.. faults, .. Facts(model, list), .. Maps(model, list)]
            : faults;
    }

    /// <summary>
    /// ONNX Runtime, which infers all shapes again, loads the graph; nothing in it can be folded when it is exported.
    /// </summary>
    public static IEnumerable<string> OfExport(Graph graph)
    {
        var stripped = StripTraining.Apply(graph);
        // With our shapes, which are so held against its own: where it knows none it compares buffer by buffer.
        Ort.Load(OnnxFile.ToBytes(stripped, weightsAsInputs: true, valueInfo: true));
        return Leftovers(stripped);
    }

    /// <summary>
    /// Without the folding of batch norms, which would read every weight. Where all that tables of weights are read for
    /// would make the file a tenth larger, the tables stay, and so does what reads them.
    /// </summary>
    static IEnumerable<string> Leftovers(Graph graph)
    {
        var folded = FoldConstants.Apply(graph, weights: true);
        var left = folded.Nodes.Where(n => n.Op is "Dropout" or "DropPath" or "Identity"
            || n.In.All(v => v is null || v.Data is not null)).ToArray();
        var tables = left.Where(n => n.Op == "Gather" && n[0].IsWeight).ToArray();
        var most = 0.1 * folded.Stored.Sum(v => v.Data!.ByteCount);
        var isTooMuch = tables.Sum(n => 4 * n.Out.Shape.Count.Size - n[0].Data!.ByteCount) > most;
        return (isTooMuch ? left.Except(tables) : left).Select(n => $"an export keeps {GraphText.Of(n)}");
    }

    static IEnumerable<string> Weights(Model model, JsonElement row, JsonElement list)
    {
        string[] all = [.. model.Graph.StateDict.Select(w => $"{w.Name} {w.Weight.Shape} {Kind(w.Name, w.Weight)}")];
        string[] weights = [.. all.Where(w => !w.EndsWith("const", StringComparison.Ordinal))];
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join("\n", weights))));
        if (model.ParamCount != row.GetProperty("param_count").GetInt64())
            yield return $"{model.ParamCount} parameters, timm has {row.GetProperty("param_count")}";
        if (hash != row.GetProperty("sha256").GetString())
            yield return list.ValueKind == JsonValueKind.Object ? Difference(weights, GoldenZoo.Weights(list))
                : $"{weights.Length} tensors, timm has {row.GetProperty("count")}; their list differs";
        if (all.Length > weights.Length && list.ValueKind == JsonValueKind.Object
            && GoldenZoo.Weights(list, constants: true) is var listed && !all.SequenceEqual(listed))
            yield return Difference(all, listed);
    }

    /// <summary>timm's word for it: a number that files have and nothing moves is a constant.</summary>
    static string Kind(string name, Value weight) => weight.Role == Role.Param ? "param"
        : Fill.IsFilled(name, weight) ? "stat" : "const";

    static string Difference(string[] got, string[] expected)
    {
        var i = expected.Zip(got).TakeWhile(p => p.First == p.Second).Count();
        return $"at {i} of {expected.Length} ({got.Length}): timm {expected.ElementAtOrDefault(i)}, here "
            + got.ElementAtOrDefault(i);
    }

    static IEnumerable<string> Facts(Model model, JsonElement list)
    {
        var groups = model.Facts.Groups;
        // timm reads the blocks by their place: hrnet calls them block_types. Some of its matchers are functions, and
        // the third group of selecsls is left to the layer rates.
        if (list.TryGetProperty("group_matcher", out var matcher) && matcher.EnumerateObject().Count() == 2
            && (matcher.GetProperty("stem").GetString() != groups.Stem
                || !Python(groups.Blocks).Contains(matcher.EnumerateObject().Last().Value.GetString())))
            yield return $"other layer groups than {matcher}";
        if (!Texts(list, "no_weight_decay").ToHashSet().SetEquals(model.NoWeightDecay))
            yield return $"without decay {string.Join(" ", model.NoWeightDecay)}, timm "
                + list.GetProperty("no_weight_decay");
        // The records of two LeViTs name one of the two heads that timm gives them.
        string[] unnamed = model.Record.Architecture is "levit_384_s8" or "levit_conv_384_s8" ? ["head_dist.linear"]
            : [];
        if (!Texts(list, "classifier").Concat(unnamed).SequenceEqual(model.Net.Classifiers))
            yield return $"the classifiers are {string.Join(" ", model.Net.Classifiers)}, timm's "
                + list.GetProperty("classifier");
    }

    /// <summary>What features_only gives: modules, channels and reductions.</summary>
    static IEnumerable<string> Maps(Model model, JsonElement list)
    {
        if (!list.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Object)
            return [];
        var (net, size) = (model.Net, model.Graph.Inputs[0].Height);
        var taps = net.Facts.Taps ?? Enumerable.Range(0, net.Taps.Count).ToArray();
        NamedMap[] maps = [.. taps.Select(i => net.Taps[i < 0 ? i + net.Taps.Count : i])];
        var reductions = features.GetProperty("reduction").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        // A last pixel that is not whole may count or not; windows without padding cost a few more.
        var most = model.Graph.Nodes.Any(IsUnpadded) ? 4 : 1;
        var equal = Texts(features, "module").SequenceEqual(maps.Select(map => map.Module))
            && features.GetProperty("channels").EnumerateArray().Select(v => v.GetInt32())
                .SequenceEqual(maps.Select(map => map.Map.Channels))
            && reductions.Zip(maps, (r, map) => Math.Abs(size / r - map.Map.Height) < most).All(near => near);
        return equal ? [] : [$"of {size}: timm {features}, here "
            + string.Join(" ", maps.Select(map => $"{map.Module} {map.Map.Shape}"))];
    }

    static bool IsUnpadded(Node n) => n.Op is "Conv" or "MaxPool" && n.Ints("pads", 4, 0).All(pad => pad == 0)
        && n.Ints("kernel_shape")!.Zip(n.Ints("strides", 2, 1)).Any(axis => axis.First > axis.Second);

    static IEnumerable<string> Texts(JsonElement row, string field) =>
        !row.TryGetProperty(field, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.GetString()!)
        : value.GetString() is { } one ? [one] : [];

    /// <summary>Patterns as Python writes them down; one alone is a text or a list.</summary>
    static string[] Python((string Pattern, int[]? Ordinal)[] blocks)
    {
        var list = $"[{string.Join(", ", blocks.Select(b =>
            $"('{b.Pattern.Replace("\\", @"\\")}', {(b.Ordinal is [var n] ? $"({n},)" : "None")})"))}]";
        return blocks is [(var only, null)] ? [only, list] : [list];
    }
}
