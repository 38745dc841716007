using System.Globalization;

namespace OnnxTimm.Train;

/// <summary>Optimizers by timm's names (timm/optim/_optim_factory.py).</summary>
public static class Optimizers
{
    /// <summary>Name, algorithm, and the options that the name stands for: a flag, or option=value.</summary>
    static readonly (string Name, Func<OptimizerSettings, Optimizer> Create, string Defaults)[] Table =
    [
        ("sgd",         Sgd.Coupled,      "nesterov"),
        ("nesterov",    Sgd.Coupled,      "nesterov"),
        ("momentum",    Sgd.Coupled,      ""),
        ("sgdw",        Sgd.Decoupled,    "nesterov"),
        ("nesterovw",   Sgd.Decoupled,    "nesterov"),
        ("sgdc",        Sgd.Decoupled,    "nesterov corrected_weight_decay"),
        ("csgdw",       Sgd.Decoupled,    "nesterov caution"),
        ("csgdc",       Sgd.Decoupled,    "nesterov caution corrected_weight_decay"),
        ("adam",        Adam.Coupled,     ""),
        ("adamw",       Adam.Decoupled,   ""),
        ("adamwlegacy", Adam.Decoupled,   ""),
        ("adamc",       Adam.Decoupled,   "corrected_weight_decay"),
        ("cadamw",      Adam.Decoupled,   "caution"),
        ("cadamc",      Adam.Decoupled,   "caution corrected_weight_decay"),
        ("rmsproptf",   RmsPropTf.Create, ""),
        ("rmsproptfw",  RmsPropTf.Create, "decoupled_decay"),
        ("rmsproptfc",  RmsPropTf.Create, "decoupled_decay corrected_weight_decay"),
        ("crmsproptf",  RmsPropTf.Create, "caution"),
        ("lamb",        Lamb.Create,      ""),
        ("lambc",       Lamb.Create,      "trust_clip"),
        ("lambw",       Lamb.Create,      "decoupled_decay"),
        ("lambcw",      Lamb.Create,      "trust_clip decoupled_decay"),
        ("lambcd",      Lamb.Create,      "decoupled_decay corrected_weight_decay"),
        ("clamb",       Lamb.Create,      "caution"),
        ("clambw",      Lamb.Create,      "caution decoupled_decay"),
    ];

    /// <summary>timm's names, in the order of the table, without <c>lookahead_</c>.</summary>
    public static IEnumerable<string> Names => Table.Select(row => row.Name);

    /// <summary>Makes an optimizer; the prefix <c>lookahead_</c> wraps it.</summary>
    /// <param name="name">timm's name, in any case.</param>
    /// <param name="given">Options as text, under timm's names; those that the name has none of are errors.</param>
    /// <param name="momentum">Momentum of those that have one and are not given one.</param>
    /// <exception cref="UserException">No such name or option; the message has the nearest.</exception>
    public static Optimizer Create(
        string name, IReadOnlyDictionary<string, string>? given = null, double momentum = 0.9)
    {
        var parts = name.ToLowerInvariant().Split('_');
        var row = Table.FirstOrDefault(r => r.Name == parts[^1]);
        if (row.Name is null || (parts.Length > 1 && parts[0] != "lookahead"))
            throw new UserException(
                $"No optimizer \"{name}\".{Nearest.Hint(name, [.. Names, .. Names.Select(n => $"lookahead_{n}")])}");
        var defaults = new Dictionary<string, string>
        {
            ["momentum"] = momentum.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var option in row.Defaults.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            defaults[option.Split('=')[0]] = option.Contains('=') ? option.Split('=')[1] : "true";
        var settings = new OptimizerSettings(row.Name, given ?? new Dictionary<string, string>(), defaults);
        var optimizer = row.Create(settings) with { Options = settings.InForce };
        settings.CheckAllKnown();
        return parts.Length > 1 ? Lookahead.Around(optimizer) : optimizer;
    }
}
