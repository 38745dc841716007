using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>What training asks of a family: layers by depth, and what is spared weight decay.</summary>
[TestClass]
public sealed class ParamGroupsTests
{
    static readonly Lazy<Dictionary<string, JsonElement>> Rows = new(() =>
        GoldenZoo.Shared("zoo", "structure.jsonl.gz"));

    [TestMethod]
    public void LayersAreTimms() => Check("group_matcher", (name, value) =>
    {
        var groups = Zoo.FamilyOf(name).Facts(name).Groups;
        return value.GetProperty("stem").GetString() == groups.Stem
            && Blocks(value).GetString() == Python(groups.Blocks);
    });

    [TestMethod]
    public void WhatIsNotDecayedIsTimms() => Check("no_weight_decay", (name, value) => value.EnumerateArray()
        .Select(v => v.GetString()).ToHashSet().SetEquals(Zoo.Build(name).NoWeightDecay));

    static void Check(string field, Func<string, JsonElement, bool> equal)
    {
        var faults = Zoo.Names.Where(Rows.Value.ContainsKey)
            .Where(n => Rows.Value[n].TryGetProperty(field, out var value) && !equal(n, value)).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} differ: {string.Join(", ", faults.Take(20))}");
    }

    /// <summary>timm reads them by their place: hrnet calls them block_types.</summary>
    static JsonElement Blocks(JsonElement matcher) => matcher.EnumerateObject().Last().Value;

    /// <summary>Patterns as Python writes them down.</summary>
    static string Python((string Pattern, int[]? Ordinal)[] blocks) => blocks is [(var only, null)]
        ? only
        : $"[{string.Join(", ", blocks.Select(b =>
            $"('{b.Pattern.Replace("\\", @"\\")}', {(b.Ordinal is [var n] ? $"({n},)" : "None")})"))}]";
}
