using System.Text.Json;

namespace OnnxTimm.Tests.Models;

/// <summary>Values of one image of a pair, at some places of a tensor.</summary>
static class Signature
{
    /// <summary>The largest difference at the places that a signature has; infinite where the size is another.
    /// </summary>
    public static double Worst(JsonElement signature, float[] got, int item)
    {
        var length = signature.GetProperty("shape").EnumerateArray().Aggregate(1L, (n, d) => n * d.GetInt64());
        return 2 * length != got.Length ? double.PositiveInfinity : signature.GetProperty("at").EnumerateArray()
            .Zip(signature.GetProperty("v").EnumerateArray())
            .Max(p => Math.Abs(got[item * length + p.First.GetInt64()] - p.Second.GetDouble()));
    }
}
