using System.Globalization;

namespace OnnxTimm.Train;

/// <summary>Optimizers by timm's names (timm/optim/_optim_factory.py).</summary>
public static class Optimizers
{
    /// <summary>Name, algorithm, and the options that the name stands for: a flag, or option=value.</summary>
    static readonly (string Name, Func<OptimizerSettings, Optimizer> Create, string Defaults)[] Table =
    [
        ("sgd",           Sgd.Coupled,        "nesterov"),
        ("nesterov",      Sgd.Coupled,        "nesterov"),
        ("momentum",      Sgd.Coupled,        ""),
        ("sgdw",          Sgd.Decoupled,      "nesterov"),
        ("nesterovw",     Sgd.Decoupled,      "nesterov"),
        ("sgdc",          Sgd.Decoupled,      "nesterov corrected_weight_decay"),
        ("csgdw",         Sgd.Decoupled,      "nesterov caution"),
        ("csgdc",         Sgd.Decoupled,      "nesterov caution corrected_weight_decay"),
        ("sgdp",          Projected.SgdP,     "nesterov"),
        ("csgdp",         Projected.SgdP,     "nesterov caution"),
        ("adam",          Adam.Coupled,       ""),
        ("adamw",         Adam.Decoupled,     ""),
        ("adamwlegacy",   Adam.Decoupled,     ""),
        ("adamc",         Adam.Decoupled,     "corrected_weight_decay"),
        ("cadamw",        Adam.Decoupled,     "caution"),
        ("cadamc",        Adam.Decoupled,     "caution corrected_weight_decay"),
        ("adamp",         Projected.AdamP,    "nesterov wd_ratio=0.01"),
        ("cadamp",        Projected.AdamP,    "nesterov wd_ratio=0.01 caution"),
        ("nadam",         Nadam.Coupled,      ""),
        ("nadamlegacy",   Nadam.Legacy,       ""),
        ("nadamw",        Nadam.Decoupled,    ""),
        ("nadamc",        Nadam.Decoupled,    "corrected_weight_decay"),
        ("cnadamw",       Nadam.Decoupled,    "caution"),
        ("cnadamc",       Nadam.Decoupled,    "caution corrected_weight_decay"),
        ("radam",         Radam.Coupled,      ""),
        ("radamlegacy",   Radam.Decoupled,    ""),
        ("radamw",        Radam.Decoupled,    ""),
        ("adamax",        Adaptive.Adamax,    ""),
        ("adagrad",       Adaptive.Adagrad,   "eps=1e-08"),
        ("adadelta",      Adaptive.Adadelta,  ""),
        ("adabelief",     AdaBelief.Create,   "rectify=false"),
        ("radabelief",    AdaBelief.Create,   "rectify=true"),
        ("adafactor",     Adafactor.Create,   ""),
        ("cadafactor",    Adafactor.Create,   "caution betas=(0.9,0.999)"),
        ("adafactorbv",   AdafactorBv.Create, ""),
        ("adafactorbvc",  AdafactorBv.Create, "corrected_weight_decay"),
        ("cadafactorbv",  AdafactorBv.Create, "caution"),
        ("cadafactorbvc", AdafactorBv.Create, "caution corrected_weight_decay"),
        ("adan",          Adan.Create,        ""),
        ("adanw",         Adan.Create,        "no_prox"),
        ("cadan",         Adan.Create,        "caution"),
        ("cadanw",        Adan.Create,        "caution no_prox"),
        ("adopt",         Adopt.Create,       ""),
        ("adoptw",        Adopt.Create,       "decoupled"),
        ("adoptc",        Adopt.Create,       "decoupled corrected_weight_decay"),
        ("cadopt",        Adopt.Create,       "caution"),
        ("cadoptw",       Adopt.Create,       "decoupled caution"),
        ("cadoptc",       Adopt.Create,       "decoupled caution corrected_weight_decay"),
        ("kron",          Kron.Create,        ""),
        ("kronw",         Kron.Create,        "decoupled_decay"),
        ("kronc",         Kron.Create,        "decoupled_decay corrected_weight_decay"),
        ("lamb",          Lamb.Create,        ""),
        ("lambc",         Lamb.Create,        "trust_clip"),
        ("lambw",         Lamb.Create,        "decoupled_decay"),
        ("lambcw",        Lamb.Create,        "trust_clip decoupled_decay"),
        ("lambcd",        Lamb.Create,        "decoupled_decay corrected_weight_decay"),
        ("clamb",         Lamb.Create,        "caution"),
        ("clambw",        Lamb.Create,        "caution decoupled_decay"),
        ("laprop",        LaProp.Create,      ""),
        ("lapropc",       LaProp.Create,      "corrected_weight_decay"),
        ("claprop",       LaProp.Create,      "caution"),
        ("lars",          Lars.Create,        ""),
        ("larc",          Lars.Create,        "trust_clip"),
        ("nlars",         Lars.Create,        "nesterov"),
        ("nlarc",         Lars.Create,        "nesterov trust_clip"),
        ("lion",          Lion.Create,        ""),
        ("lionc",         Lion.Create,        "corrected_weight_decay"),
        ("clion",         Lion.Create,        "caution"),
        ("clionc",        Lion.Create,        "caution corrected_weight_decay"),
        ("madgrad",       Madgrad.Create,     ""),
        ("madgradw",      Madgrad.Create,     "decoupled_decay"),
        ("mars",          Mars.Create,        ""),
        ("cmars",         Mars.Create,        "caution"),
        ("muon",          Muon.Create,        ""),
        ("nmuon",         Muon.Create,        "nesterov"),
        ("adamuon",       Muon.Create,        "algo=adamuon"),
        ("nadamuon",      Muon.Create,        "algo=adamuon nesterov"),
        ("novograd",      NovoGrad.Create,    ""),
        ("novogradw",     NovoGrad.Create,    "decoupled_decay"),
        ("novogradc",     NovoGrad.Create,    "decoupled_decay corrected_weight_decay"),
        ("rmsprop",       Adaptive.RmsProp,   "alpha=0.9"),
        ("rmsproptf",     RmsPropTf.Create,   ""),
        ("rmsproptfw",    RmsPropTf.Create,   "decoupled_decay"),
        ("rmsproptfc",    RmsPropTf.Create,   "decoupled_decay corrected_weight_decay"),
        ("crmsproptf",    RmsPropTf.Create,   "caution"),
    ];

    /// <summary>
    /// Names of timm that are not to be had, and the one to use instead: its fast or small forms for CUDA, and what
    /// needs second derivatives.
    /// </summary>
    static readonly (string Name, string Instead)[] Refused =
    [
        ("adahessian",      "adamw"),
        ("fusedsgd",        "sgd"),
        ("fusedmomentum",   "momentum"),
        ("fusedadam",       "adam"),
        ("fusedadamw",      "adamw"),
        ("fusedlamb",       "lamb"),
        ("fusednovograd",   "novograd"),
        ("bnbsgd",          "sgd"),
        ("bnbsgd8bit",      "sgd"),
        ("bnbadam",         "adam"),
        ("bnbadam8bit",     "adam"),
        ("bnbadamw",        "adamw"),
        ("bnbadamw8bit",    "adamw"),
        ("bnblion",         "lion"),
        ("bnblion8bit",     "lion"),
        ("bnbademamix",     "adamw"),
        ("bnbademamix8bit", "adamw"),
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
        if (Refused.FirstOrDefault(r => r.Name == parts[^1]) is (not null, var instead))
            throw new UserException($"The optimizer \"{name}\" is not to be had here; use \"{instead}\".");
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
