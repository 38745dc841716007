using System.Text.Json;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// A row of reference numbers against what a model computed, with the bound that is fair to it: relative to what the
/// image moves, and to the noise of float32 itself.
/// </summary>
/// <param name="name">The model.</param>
/// <param name="row">Its row.</param>
/// <param name="got">Outputs for the two images.</param>
/// <param name="again">
/// The outputs of a mathematically equal computation, if a model needs it: the reference's noise is that of the first
/// image's logits, the noise of other values is how far these two are apart.
/// </param>
sealed class Reference(string name, JsonElement row, Dictionary<string, float[]> got,
    Dictionary<string, float[]>? again = null)
{
    static readonly string[] Fields = ["pre_logits", "features", "intermediates"];

    readonly double relative = Tolerances.Get("zoo/numbers.sensitivity") * row.GetProperty("sensitivity").GetDouble()
        + Tolerances.Get("zoo/numbers.floor");

    readonly double noise = row.TryGetProperty("noise", out var measured) ? measured.GetDouble() : 0;

    public IEnumerable<string> Faults()
    {
        var expected = row.GetProperty("logits").EnumerateArray().Select(v => v.GetSingle()).ToArray();
        var (std, key) = (Moments(expected).Std, got.ContainsKey("logits") ? "logits" : "features");
        var logits = got[key].AsSpan(0, got[key].Length / 2);
        if (expected.Length != logits.Length)
            return [$"{name}: {logits.Length} logits, timm has {expected.Length}"];
        return Far("logits", Worst(expected, logits), std, noise)
            .Concat(Signature(row.GetProperty("logits_1_sig"), key, 1, std))
            .Concat(Fields.SelectMany(Signatures));
    }

    /// <summary>Signatures of a field: one of the first image's tensor, or a list.</summary>
    IEnumerable<string> Signatures(string field)
    {
        if (!row.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return [];
        JsonElement[] list = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return list.SelectMany((signature, i) => got.ContainsKey($"{field}:{i}")
            ? Signature(signature, $"{field}:{i}", 0, signature.GetProperty("std").GetDouble())
            : [$"{name}: no {field}:{i}, timm has {list.Length}"]);
    }

    string[] Signature(JsonElement signature, string key, int image, double std)
    {
        var values = Half(got[key], image);
        var shape = signature.GetProperty("shape");
        if (shape.EnumerateArray().Aggregate(1L, (product, d) => product * d.GetInt64()) != values.Length)
            return [$"{name}: {key} of image {image} has {values.Length} values, timm has {shape}"];
        var at = signature.GetProperty("at").EnumerateArray().Select(i => i.GetInt32()).ToArray();
        float[] expected =
        [
            .. signature.GetProperty("v").EnumerateArray().Select(v => v.GetSingle()),
            signature.GetProperty("mean").GetSingle(), signature.GetProperty("std").GetSingle(),
        ];
        var own = again is null ? 0 : Worst(values, Half(again[key], image)) / std;
        return Far($"{key} of image {image}", Worst(expected, Picked(values, at)), std, Math.Max(noise, own));
    }

    string[] Far(string what, double error, double std, double noise)
    {
        var allowed = Math.Max(relative, Tolerances.Get("zoo/numbers.noise") * noise);
        return error <= std * allowed ? []
            : [$"{name}: {what} differ by {error / std:e1} of their deviation, allowed are {allowed:e1}"];
    }

    static ReadOnlySpan<float> Half(float[] pair, int image) => pair.AsSpan(image * pair.Length / 2, pair.Length / 2);

    static float[] Picked(ReadOnlySpan<float> values, int[] at)
    {
        var (mean, std) = Moments(values);
        var picked = new float[at.Length + 2];
        for (var i = 0; i < at.Length; i++)
            picked[i] = values[at[i]];
        (picked[^2], picked[^1]) = ((float)mean, (float)std);
        return picked;
    }

    static double Worst(ReadOnlySpan<float> expected, ReadOnlySpan<float> got)
    {
        var worst = 0.0;
        for (var i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, float.IsNaN(got[i]) ? double.PositiveInfinity : Distance(expected[i], got[i]));
        return worst;
    }

    static double Distance(double a, double b) => Math.Abs(a - b);

    static (double Mean, double Std) Moments(ReadOnlySpan<float> values)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var v in values)
            sum += v;
        foreach (var v in values)
            squares += (v - sum / values.Length) * (v - sum / values.Length);
        return (sum / values.Length, Math.Sqrt(squares / values.Length));
    }
}
