using System.Globalization;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Writes policies and steps of transforms in one way, whether they are timm's or ours.</summary>
static class PolicyText
{
    public static string Of(IAugmentation a) => a switch
    {
        AutoAugment x => $"AutoAugment {string.Join("; ", x.Policy.Select(Steps))} {Kwargs(x.Policy[0][0])}",
        RandAugment x => $"RandAugment {x.Layers} {Numbers(x.Weights)} {Steps(x.Steps)} {Kwargs(x.Steps[0])}",
        AugMix x => $"AugMixAugment {N(x.Alpha)} {x.Width} {x.Depth} {x.Blended} {Steps(x.Steps)} {Kwargs(x.Steps[0])}",
        RandomResizedCrop x => $"crop {x.Height} {x.Width} {Filter(x.Filters)} {Range(x.Scale)} {Range(x.Ratio)}",
        RandomResizeKeepRatio x => $"keep {x.Height} {x.Width} {Filter(x.Filters)} {Range(x.Scale)} {Range(x.Ratio)}",
        CenterCropOrPad x => $"center {x.Height} {x.Width}",
        RandomCropOrPad x => $"random {x.Height} {x.Width}",
        Sometimes x => $"{Of(x.Augmentation)} p {N(x.Probability)}",
        HorizontalFlip => "hflip",
        VerticalFlip => "vflip",
        Grayscale => "gray",
        GaussianBlur x => $"blur {x.KernelSize} {Range(x.Sigma)}",
        ColorJitter x => $"jitter {Range(x.Brightness)} {Range(x.Contrast)} {Range(x.Saturation)} {Range(x.Hue)}",
        _ => throw new NotSupportedException($"{a}"),
    };

    /// <summary>The same of a row of timm; null for what is no step of an augmentation.</summary>
    public static string? Of(JsonElement t) => t.Text("class") switch
    {
        "AutoAugment" => $"AutoAugment {string.Join("; ", t.GetProperty("policy").EnumerateArray().Select(Steps))} "
            + Kwargs(t),
        "RandAugment" => $"RandAugment {t.Get("num_layers")} {Numbers(t.Get("choice_weights"))} "
            + $"{Steps(t.Get("ops"))} {Kwargs(t)}",
        "AugMixAugment" => $"AugMixAugment {N(t.Number("alpha"))} {t.Get("width")} {t.Get("depth")} "
            + $"{t.Get("blended").GetBoolean()} {Steps(t.Get("ops"))} {Kwargs(t)}",
        "RandomResizedCropAndInterpolation" =>
            $"crop {Size(t)} {t.Get("interpolation")} {Range(t.Get("scale"))} {Range(t.Get("ratio"))}",
        "ResizeKeepRatio" => $"keep {Size(t)} {Filter(t.Get("interpolation"))} "
            + $"{Range(t.Get("random_scale_range"))} {Range(t.Get("random_aspect_range"))}",
        "CenterCropOrPad" => $"center {Size(t)}",
        "RandomCropOrPad" => $"random {Size(t)}",
        "RandomHorizontalFlip" => Chance("hflip", t),
        "RandomVerticalFlip" => Chance("vflip", t),
        "RandomGrayscale" => Chance("gray", t),
        "GaussianBlur" => $"blur {t.Get("kernel_size")[0]} {Range(t.Get("sigma"))}",
        "RandomApply" => Chance(Of(t.Get("transforms")[0])!, t),
        // Without strengths it does nothing.
        "ColorJitter" => Jitter(t) is "jitter null null null null" ? null : Jitter(t),
        _ => null,
    };

    public static JsonElement Get(this JsonElement t, string name) => t.GetProperty(name);

    static string Jitter(JsonElement t) => $"jitter {Range(t.Get("brightness"))} {Range(t.Get("contrast"))} "
        + $"{Range(t.Get("saturation"))} {Range(t.Get("hue"))}";

    static string Chance(string what, JsonElement t) => t.Number("p") == 1 ? what : $"{what} p {N(t.Number("p"))}";

    static string Size(JsonElement t) => string.Join(' ', t.Ints("size"));

    static string Steps(IReadOnlyList<PolicyStep> steps) => string.Join(", ", steps.Select(s =>
        $"{s.Operation.Name} {N(s.Probability)} {N(s.Magnitude)} {N(s.MagnitudeStd)} {s.MagnitudeMax}"));

    static string Steps(JsonElement steps) => string.Join(", ", steps.EnumerateArray().Select(s =>
        $"{s.Text("name")} {N(s.Number("prob"))} {N(s.Number("magnitude"))} {Std(s.Get("magnitude_std"))} "
        + $"{(s.Get("magnitude_max").ValueKind == JsonValueKind.Null ? "" : s.Get("magnitude_max").ToString())}"));

    static string Std(JsonElement std) =>
        N(std.ValueKind == JsonValueKind.String ? double.PositiveInfinity : std.GetDouble());

    static string Kwargs(PolicyStep step) =>
        $"fill {step.Settings.Fill & 255} {(step.Settings.Fill >> 8) & 255} {(step.Settings.Fill >> 16) & 255} "
        + $"{Filter(step.Settings.Filters)} {N(step.Settings.TranslateConst)} {N(step.Settings.TranslatePct)}";

    static string Kwargs(JsonElement t)
    {
        var (kwargs, hparams) = (t.Get("kwargs"), t.Get("hparams"));
        var pct = hparams.TryGetProperty("translate_pct", out var given) ? given.GetDouble() : 0.45;
        return $"fill {string.Join(' ', kwargs.Ints("fillcolor"))} {Filter(kwargs.Get("resample"))} "
            + $"{N(hparams.Number("translate_const"))} {N(pct)}";
    }

    static string Filter(IReadOnlyList<Interpolation> filters) =>
        string.Join('|', filters.Select(f => f.ToString().ToLowerInvariant()));

    static string Filter(JsonElement filter) => filter.ValueKind == JsonValueKind.Array
        ? string.Join('|', filter.EnumerateArray().Select(f => f.GetString())) : filter.GetString()!;

    static string Range(Interval? interval) => interval is { } i ? $"{N(i.From)}..{N(i.To)}" : "null";

    static string Range(JsonElement pair) => pair.ValueKind == JsonValueKind.Null ? "null"
        : $"{N(pair[0].GetDouble())}..{N(pair[1].GetDouble())}";

    static string Numbers(IEnumerable<double>? values) =>
        values is null ? "null" : string.Join('|', values.Select(N));

    static string Numbers(JsonElement values) => values.ValueKind == JsonValueKind.Null ? "null"
        : string.Join('|', values.EnumerateArray().Select(v => N(v.GetDouble())));

    /// <summary>Six digits: the reference files have nine.</summary>
    static string N(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
