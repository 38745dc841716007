using System.Text.Json;

namespace OnnxTimm.Tests;

/// <summary>Every tolerance of the tests, with its reason, in tests/tolerances.json.</summary>
static class Tolerances
{
    static readonly JsonElement Table =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Paths.Root, "tests", "tolerances.json"))).RootElement;

    public static double Get(string key) => Table.GetProperty(key).GetProperty("value").GetDouble();

    /// <summary>A tolerance that stands in place of a rule; null where the rule holds.</summary>
    public static double? Find(string key) => Table.TryGetProperty(key, out _) ? Get(key) : null;
}
