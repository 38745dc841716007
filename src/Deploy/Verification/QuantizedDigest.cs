using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Deploy;

/// <summary>
/// The digest of a network with codes: what it gives by its own arithmetic. How far that is from the float32 network's
/// digest stands in the recipe.
/// </summary>
public static class QuantizedDigest
{
    /// <summary>Puts digest and recipe into the metadata, in the places of the float32 network's.</summary>
    /// <param name="written">The network with codes.</param>
    /// <param name="before">Metadata of the network in float32.</param>
    /// <param name="name">What messages call that.</param>
    /// <param name="recipe">How it became codes.</param>
    public static void Put(Graph written, IReadOnlyDictionary<string, string> before, string name, string recipe)
    {
        using var session = Session.Load(OnnxFile.ToBytes(written), written.Name,
            new() { Spin = false, Config = JudgingImages.AsWritten });
        var own = GoldenDigest.Of(session, [.. written.Outputs.Select(v => v.Name)], Distance.Tolerance(DType.Int8));
        var distance = GoldenDigest.Read(before, name)?.Check(session).Max(o => o.Distance);
        written.Metadata[GoldenDigest.Key] = own.ToJson();
        written.Metadata[FileRecipe.Key] = FileRecipe.With(before.GetValueOrDefault(FileRecipe.Key),
            ("step", "quantize"), ("recipe", recipe), ("distance", distance));
    }
}
