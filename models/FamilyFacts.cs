namespace OnnxTimm.Models;

/// <summary>What a family says of a variant, beside how it is built.</summary>
/// <param name="Groups">How its parameters are told apart by depth.</param>
public sealed record FamilyFacts(LayerGroups Groups)
{
    /// <summary>What the family's code base assumes of its layers.</summary>
    public LayerDefaults Layers { get; init; } = new();

    /// <summary>
    /// timm's no_weight_decay by name, where it is not said at the parameter (<see cref="Value.NoDecay"/>).
    /// </summary>
    public string[] NoDecay { get; init; } = [];

    /// <summary>Stochastic depth of the network's own, for those who leave it to the network.</summary>
    public double DropPathRate { get; init; }

    /// <summary>Whether it has timm's output_stride: stages dilate where they must not divide further.</summary>
    public bool Dilates { get; init; }

    /// <summary>Side of a patch of a network that takes patches in place of an image; 0 where it does not.</summary>
    public int Patch { get; init; }

    /// <summary>Which taps features_only gives unless asked otherwise; all where null.</summary>
    public int[]? Taps { get; init; }
}

/// <summary>timm's group_matcher: what belongs to the stem, and which number makes the layer.</summary>
/// <param name="Stem">Pattern of the names of the first group.</param>
/// <param name="Blocks">Patterns, each with groups that capture layer numbers, or with a fixed number.</param>
public sealed record LayerGroups(string Stem, params (string Pattern, int[]? Ordinal)[] Blocks)
{
    /// <summary>
    /// Of a family that has no group_matcher: twelve parameters a layer, in their order, and the classifier the last
    /// (timm's auto_group_layers).
    /// </summary>
    public static LayerGroups Counted { get; } = new("");

    /// <summary>timm's number for parameters that belong to the layer before them.</summary>
    public const int Previous = 99999;
}
