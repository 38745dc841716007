using System.Globalization;

namespace OnnxTimm.Data;

/// <summary>
/// timm's texts of augmentation policies (auto_augment.py), such as <c>rand-m9-mstd0.5-inc1</c>: a policy's name, then
/// sections with a dash before each, of a key and a number.
/// </summary>
public static class AugmentPolicy
{
    /// <summary>A deviation from which on the level of RandAugment is even.</summary>
    const double EvenStd = 100;

    const double AugMixTranslatePct = 0.3;

    /// <summary>Whether colour jitter stays beside the policy, as timm has it with 3-Augment.</summary>
    public static bool KeepsJitter(string text) => text.Contains("3a", StringComparison.Ordinal);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="settings">Fill, filters, distances.</param>
    /// <exception cref="UserException">timm has no such policy or section, or a number cannot be.</exception>
    public static IAugmentation Parse(string text, PolicySettings settings)
    {
        var sections = text.Split('-');
        var reader = new Sections(text, sections.AsSpan(1));
        return sections[0] switch
        {
            "rand" => Rand(sections.AsSpan(1), reader, settings),
            "augmix" => Mix(reader, settings with { TranslatePct = AugMixTranslatePct }),
            var name when name.StartsWith("rand", StringComparison.Ordinal) => throw reader.Fault(
                $"No policy \"{name}\": did you mean rand?"),
            var name when name.StartsWith("augmix", StringComparison.Ordinal) => throw reader.Fault(
                $"No policy \"{name}\": did you mean augmix?"),
            var name => Auto(name, reader, settings),
        };
    }

    static AutoAugment Auto(string name, Sections sections, PolicySettings settings)
    {
        if (!PolicyTables.Policies.TryGetValue(name, out var policy))
            throw sections.Fault($"{Nearest.Unknown("policy", name, [.. PolicyTables.Policies.Keys, "rand", "augmix"])
                .Message}");
        sections.Check("mstd");
        var std = sections.First("mstd") ?? 0;
        var lists = string.Format(CultureInfo.InvariantCulture, policy.Lists, policy.Posterize)
            .Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new([.. lists.Select(list => (IReadOnlyList<PolicyStep>)[.. list.Split(',').Select(Step)])]);

        PolicyStep Step(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            var w => new(PolicyOperations.Find(w[0]), Number(w[1]), Number(w[2]), settings) { MagnitudeStd = std },
        };
    }

    static RandAugment Rand(ReadOnlySpan<string> all, Sections sections, PolicySettings settings)
    {
        sections.Check("m", "n", "p", "mstd", "mmax", "inc");
        string? set = null;
        foreach (var section in all)
            if (section.StartsWith('t'))
                set ??= section[1..];
        var (names, weights) = Set(set, sections.LastWhole("inc") is > 0);
        var layers = sections.LastWhole("n") ?? 2;
        if (weights is not null && layers > weights.Length)
            throw sections.Fault(
                $"A set with weights gives each operation once: {layers} of {weights.Length} cannot be.");
        var std = sections.First("mstd") ?? 0;
        return new(
        [
            .. names.Select(name => new PolicyStep(PolicyOperations.Find(name), sections.Last("p") ?? 0.5,
                sections.LastWhole("m") ?? 10, settings)
            {
                MagnitudeStd = std > EvenStd ? double.PositiveInfinity : std,
                MagnitudeMax = sections.FirstWhole("mmax"),
            }),
        ], layers, weights);
    }

    /// <summary>A set of operations and, where it has them, their weights; the sum of these is 1.</summary>
    static (IEnumerable<string> Names, double[]? Weights) Set(string? name, bool increasing)
    {
        if (PolicyTables.Weighted.TryGetValue(name ?? "", out var rows))
        {
            var sum = rows.Sum(row => row.Weight);
            return (rows.Select(row => row.Name), [.. rows.Select(row => row.Weight / sum)]);
        }
        return (name == "3a" ? PolicyTables.ThreeAugment
            : increasing ? PolicyTables.Increasing : PolicyTables.Plain, null);
    }

    static AugMix Mix(Sections sections, PolicySettings settings)
    {
        sections.Check("m", "w", "d", "a", "b", "mstd");
        var (width, alpha) = (sections.LastWhole("w") ?? 3, sections.Last("a") ?? 1);
        if (width < 1 || alpha <= 0)
            throw sections.Fault($"Its width is at least 1, not {width}, and its alpha above 0, not {alpha}.");
        return new(
        [
            .. PolicyTables.AugMix.Select(name =>
                new PolicyStep(PolicyOperations.Find(name), 1, sections.LastWhole("m") ?? 3, settings)
                {
                    MagnitudeStd = sections.First("mstd") ?? double.PositiveInfinity,
                }),
        ])
        {
            Alpha = alpha,
            Width = width,
            Depth = sections.LastWhole("d") ?? -1,
            Blended = sections.LastWhole("b") is > 0,
        };
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
