using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// What a run is about: all names, or those of the modules and names that ONNXTIMM_MODULES lists, as build.sh family does.
/// </summary>
static class Asked
{
    static readonly string[] Listed = (Environment.GetEnvironmentVariable("ONNXTIMM_MODULES") ?? "")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static readonly Lazy<HashSet<string>> Known = new(() =>
        [.. IsSome ? Listed.SelectMany(word => Zoo.Names.Contains(word) ? [word] : Zoo.List(module: word)) : Zoo.Names]);

    /// <summary>Whether some are listed, of which nothing is left to a sample.</summary>
    public static bool IsSome => Listed.Length > 0;

    public static IEnumerable<string> Names => Known.Value;

    public static bool Has(string name) => Known.Value.Contains(name);
}
