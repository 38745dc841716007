using System.Text.Json;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// A row of reference numbers with the bound that is fair to it: relative to what the image moves, and to the noise of
/// float32 itself.
/// </summary>
/// <param name="name">The model.</param>
/// <param name="row">Its row.</param>
sealed class Reference(string name, JsonElement row)
{
    readonly double relative = Math.Max(
        Tolerances.Get("zoo/numbers.sensitivity") * row.GetProperty("sensitivity").GetDouble() + Tolerances.Get("zoo/numbers.floor"),
        Tolerances.Get("zoo/numbers.noise") * (row.TryGetProperty("noise", out var noise) ? noise.GetDouble() : 0));

    /// <summary>All logits of the first image, and the signature of the second's.</summary>
    public IEnumerable<string> Logits(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        var expected = row.GetProperty("logits").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var (_, std) = Moments([.. expected.Select(v => (float)v)]);
        var faults = expected.Length == first.Length
            ? Far("logits", Worst(expected, first), std)
            : [$"{name}: {first.Length} logits, timm has {expected.Length}"];
        return faults.Concat(Signature("logits of image 1", row.GetProperty("logits_1_sig"), second, std));
    }

    /// <summary>Signatures of the first image in a batch of two, one an entry of the row's field.</summary>
    public IEnumerable<string> Signature(string field, float[]?[] got)
    {
        if (!row.TryGetProperty(field, out var entries) || entries.ValueKind == JsonValueKind.Null)
            return [];
        JsonElement[] list = entries.ValueKind == JsonValueKind.Array ? [.. entries.EnumerateArray()] : [entries];
        return list.Length > got.Length || got.Any(g => g is null)
            ? [$"{name}: {got.Count(g => g is not null)} {field}, timm has {list.Length}"]
            : list.Zip(got).SelectMany((pair, i) => Signature(
                $"{field}[{i}]", pair.First, pair.Second.AsSpan(0, pair.Second!.Length / 2), pair.First.GetProperty("std").GetDouble()));
    }

    IEnumerable<string> Signature(string what, JsonElement signature, ReadOnlySpan<float> got, double std)
    {
        var count = signature.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, d) => product * d.GetInt64());
        if (count != got.Length)
            return [$"{name}: {what} has {got.Length} values, timm has {signature.GetProperty("shape")}"];
        var at = signature.GetProperty("at").EnumerateArray().Select(i => i.GetInt32()).ToArray();
        var values = new float[at.Length];
        for (var i = 0; i < at.Length; i++)
            values[i] = got[at[i]];
        var (mean, deviation) = Moments(got);
        double[] expected =
        [
            .. signature.GetProperty("v").EnumerateArray().Select(v => v.GetDouble()),
            signature.GetProperty("mean").GetDouble(), signature.GetProperty("std").GetDouble(),
        ];
        return Far(what, Worst(expected, [.. values, (float)mean, (float)deviation]), std);
    }

    string[] Far(string what, double error, double std) =>
        error <= std * relative ? [] : [$"{name}: {what} differ by {error / std:e1} of their deviation, allowed are {relative:e1}"];

    static double Worst(double[] expected, ReadOnlySpan<float> got)
    {
        var worst = 0.0;
        for (var i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, double.IsNaN(got[i]) ? double.PositiveInfinity : Math.Abs(expected[i] - got[i]));
        return worst;
    }

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
