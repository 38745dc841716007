using System.Globalization;

namespace OnnxTimm;

/// <summary>
/// The options of a training that shape its network, out of its args.yaml: a line each, as every training writes them.
/// </summary>
/// <param name="Gp">Its global pool; null for the network's own.</param>
/// <param name="BnEps">Epsilon of its batch norms; null for their own.</param>
/// <param name="ModelEma">Whether an average of the weights was kept.</param>
/// <param name="RanksByLoss">Whether its checkpoints are ranked by the loss, of which less is better.</param>
/// <param name="OutputStride">Of what model_kwargs ask for; null for the network's own.</param>
sealed record RunArgs(string? Gp, double? BnEps, bool ModelEma, int? OutputStride, bool RanksByLoss)
{
    /// <summary>A line below model_kwargs.</summary>
    const string Stride = "  output_stride";

    /// <param name="text">The options.</param>
    /// <param name="file">Where they stand, for messages.</param>
    /// <exception cref="UserException">One of them is something else.</exception>
    public static RunArgs Parse(string text, string file)
    {
        var values = text.Split('\n').Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(g => g.Key, g => g.Last()[1].Trim().Trim('\'', '"'));
        string? Value(string key) =>
            values.GetValueOrDefault(key) is { } value && value is not ("" or "null" or "~") ? value : null;
        UserException Fault(string key, string kind) =>
            new($"\"{file}\": {key} must be {kind}, not \"{values[key]}\".");
        return new(
            Value("gp") is not { } gp || gp.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? Value("gp")
                : throw Fault("gp", "a name"),
            Value("bn_eps") is not { } eps ? null
                : double.TryParse(eps, CultureInfo.InvariantCulture, out var number) ? number
                : throw Fault("bn_eps", "a number"),
            Value("model_ema") is not { } ema ? false : bool.TryParse(ema, out var truth) ? truth
                : throw Fault("model_ema", "true or false"),
            Value(Stride) is not { } stride ? null
                : int.TryParse(stride, CultureInfo.InvariantCulture, out var pixels) ? pixels
                : throw Fault(Stride, "a number"),
            Value("eval_metric") == "loss" || (Value("val_split") is null && Value("val_share") is null or "0"));
    }
}
