using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// What a run is about: all names, or those of the modules, and those names, that ONNXTIMM_MODULES lists.
/// </summary>
static class Asked
{
    static readonly string[] Listed = (Environment.GetEnvironmentVariable("ONNXTIMM_MODULES") ?? "")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static readonly Lazy<HashSet<string>> Known = new(() => [.. IsSome ? Listed.SelectMany(Meant) : Zoo.Names]);

    static readonly Lazy<string[]> SmallestOfAll = new(() =>
    [
        .. GoldenZoo.Read(Paths.Golden("zoo", "structure.jsonl.gz")).Values.Where(row => Has(Text(row, "name")))
            .GroupBy(row => Text(row, "module"))
            .Select(rows => Text(rows.MinBy(row => row.GetProperty("param_count").GetInt64()), "name")),
    ]);

    /// <summary>Whether some are listed, of which nothing is left to a sample.</summary>
    public static bool IsSome => Listed.Length > 0;

    public static IEnumerable<string> Names => Known.Value;

    public static bool Has(string name) => Known.Value.Contains(name);

    /// <summary>
    /// The name with the fewest parameters of so many families, others each day; of all that are listed.
    /// </summary>
    public static string[] Smallest(int families) => Sample(SmallestOfAll.Value, name => name, families);

    /// <summary>So many rows, others each day, the same ones all day; all of the names that are listed.</summary>
    public static T[] Sample<T>(IEnumerable<T> rows, Func<T, string> name, int count)
    {
        T[] asked = [.. rows.Where(row => Has(name(row)))];
        if (IsSome)
            return asked;
        new Random(DateTime.UtcNow.DayOfYear).Shuffle(asked);
        return asked[..Math.Min(count, asked.Length)];
    }

    /// <summary>A network with a classifier; null of an encoder that gives tokens alone.</summary>
    public static Model? Classifier(string name, ModelOptions options)
    {
        try
        {
            return Zoo.Build(name, options);
        }
        catch (UserException e) when (e.Message.Contains("no classifier", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>A module, a name, or both.</summary>
    static string[] Meant(string word) => Zoo.Names.Where(name => name == word).Union(Zoo.List(module: word)).ToArray()
        is { Length: > 0 } names ? names : throw new InvalidOperationException($"ONNXTIMM_MODULES: no \"{word}\".");

    static string Text(JsonElement row, string property) => row.GetProperty(property).GetString()!;
}
