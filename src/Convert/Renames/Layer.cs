namespace OnnxTimm.Conversion;

/// <summary>What a layer does, as far as its tensors tell.</summary>
enum LayerKind { Linear, Convolution, Norm }

/// <summary>The tensors of one layer.</summary>
/// <param name="Name">What their names begin with, the dot or underscore behind it included.</param>
/// <param name="Tensors">Name, part in the layer and shape of each; one part is the weight.</param>
sealed record Layer(string Name, (string Name, string Role, long[] Shape)[] Tensors)
{
    /// <summary>How names of tensors end, and what that is in timm.</summary>
    static readonly (string Ending, string Role)[] Roles =
    [
        ("weight", "weight"), ("gamma", "weight"),
        ("bias", "bias"), ("beta", "bias"),
        ("running_mean", "running_mean"), ("moving_mean", "running_mean"),
        ("running_var", "running_var"), ("moving_var", "running_var"),
    ];

    public long[] Weight { get; } = Tensors.First(t => t.Role == "weight").Shape;

    public LayerKind Kind => Weight.Length switch
    {
        1 => LayerKind.Norm,
        2 => LayerKind.Linear,
        _ => LayerKind.Convolution,
    };

    /// <summary>Gluon's scope: "resnet_stage1_" of "resnet_stage1_conv0_"; empty in dotted names.</summary>
    public string Scope => Name.EndsWith('_') ? Name[..(Name[..^1].LastIndexOf('_') + 1)] : "";

    /// <summary>
    /// The layers of a list of tensors, in its order; what has no weight of a known ending is left out.
    /// </summary>
    public static Layer[] Of(IEnumerable<(string Name, long[] Shape)> tensors) =>
    [
        .. tensors
            .Select(t => (t.Name, t.Shape, Row: Roles.FirstOrDefault(row => Ends(t.Name, row.Ending))))
            .Where(t => t.Row.Ending is not null)
            .GroupBy(t => t.Name[..^t.Row.Ending.Length])
            .Where(layer => layer.Any(t => t.Row.Role == "weight"))
            .Select(layer => new Layer(layer.Key, [.. layer.Select(t => (t.Name, t.Row.Role, t.Shape))])),
    ];

    static bool Ends(string name, string ending) =>
        name.EndsWith(ending, StringComparison.Ordinal) && name.Length > ending.Length
            && name[^(ending.Length + 1)] is '.' or '_';
}
