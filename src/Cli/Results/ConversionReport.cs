using System.Security.Cryptography;
using OnnxTimm.Conversion;

namespace OnnxTimm.Cli.Results;

/// <summary>What a conversion did, tensor by tensor, with the hashes of both sides.</summary>
/// <param name="File">The weights as they were read.</param>
/// <param name="Facts">Where they come from and what they became: keys and values.</param>
/// <param name="Result">How tensors met names.</param>
sealed record ConversionReport(StateDict File, IReadOnlyList<(string Key, string Value)> Facts, LoadResult Result)
{
    /// <summary>Writes the report as JSON; tensors are read one by one.</summary>
    public void Save(string path) => ResultFiles.Save(path, Json.Object(
    [
        .. Facts.Select(fact => (fact.Key, (object?)fact.Value)),
        ("tensors", Result.Entries.Select(Fields)),
        ("skipped", Result.Renamed.Skipped.Select(skip => new Dictionary<string, string>
        {
            ["source"] = skip.Name,
            ["reason"] = skip.Reason,
        })),
        ("missing", Result.Missing),
        ("unexpected", Result.Unexpected),
    ]));

    Dictionary<string, object?> Fields(Entry entry) => new()
    {
        ["target"] = entry.Name,
        ["shape"] = entry.Tensor.Shape,
        ["dtype"] = entry.Tensor.Type.ToString().ToLowerInvariant(),
        ["sha256"] = Hash(entry.Tensor),
        ["sources"] = entry.Sources,
        ["source_sha256"] = entry.Sources.Select(name => Hash(File[name])),
        ["operations"] = entry.Operations,
    };

    static string Hash(Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.Bytes.Span));
}
