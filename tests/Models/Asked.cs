using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// What a run is about: all names, or those of the modules that ONNXTIMM_MODULES lists, as build.sh family does.
/// </summary>
static class Asked
{
    static readonly Lazy<HashSet<string>> Known = new(() =>
    {
        var modules = (Environment.GetEnvironmentVariable("ONNXTIMM_MODULES") ?? "")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. modules.Length == 0 ? Zoo.Names : modules.SelectMany(module => Zoo.List(module: module))];
    });

    public static IEnumerable<string> Names => Known.Value;

    public static bool Has(string name) => Known.Value.Contains(name);
}
