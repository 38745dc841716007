
namespace OnnxTimm.Models;

/// <summary>All families: a new one is one line here and one file beside it.</summary>
public static class Zoo
{
    public static readonly IFamily[] Families =
    [
        CifarResNet.Family,
        DenseNet.Family,
        EfficientNet.Family,
        HighResolutionNet.Family,
        InceptionV3.Family,
        MlpMixer.Family,
        Nest.Family,
        ResNeSt.Family,
        ResNet.Family,
        ResNetV2.Family,
        VisionTransformer.Family,
        VisionTransformerHybrid.Family,
    ];

    static readonly string[] HubSchemes = ["hf-hub:", "hf_hub:"];

    static readonly Lazy<Dictionary<string, IFamily>> ByName = new(() => Families
        .SelectMany(family => family.Names.Select(name => KeyValuePair.Create(name, family)))
        .ToDictionary());

    static readonly Lazy<Dictionary<string, string>> Deprecated = new(() =>
        Resources.Json("deprecations.json")!.Value.EnumerateObject()
            .ToDictionary(p => p.Name, p => p.Value.GetString()!));

    /// <summary>All architectures of timm 1.0, those that are not here too.</summary>
    static readonly Lazy<HashSet<string>> Timm = new(() => [.. Resources.Lines("architectures.txt")]);

    /// <summary>All architectures, in natural order.</summary>
    public static IEnumerable<string> Names => ByName.Value.Keys.Order(NaturalOrder.Instance);

    /// <summary>The family of an architecture.</summary>
    public static IFamily FamilyOf(string architecture) => ByName.Value[architecture];

    /// <summary>Names (with tags, where weights are asked for) that a wildcard such as "resnet*" selects.</summary>
    public static IEnumerable<string> List(string filter = "", string module = "", bool pretrained = false)
    {
        var families = Families.Where(f => module.Length == 0 || f.Module == module);
        var names = pretrained
            ? families.SelectMany(f => Pretrained.Of(f.Module).Values.Where(r => r.HasWeights)).Select(r => r.Name)
            : families.SelectMany(f => f.Names);
        var wildcard = new Wildcard(filter);
        return names
            .Where(n => filter.Length == 0 || wildcard.Fits(n) || wildcard.Fits(n.Split('.')[0]))
            .Order(NaturalOrder.Instance);
    }

    /// <summary>
    /// The record of <c>arch</c>, <c>arch.tag</c> or a deprecated name, also as timm's repositories on the hub are
    /// called (<c>timm/arch.tag</c>, <c>hf-hub:timm/arch.tag</c>). Without a tag it is the first with weights.
    /// </summary>
    /// <exception cref="UserException">There is no such name or tag; the message has the nearest.</exception>
    public static Pretrained Resolve(string name)
    {
        name = WithoutHub(name);
        name = Deprecated.Value.GetValueOrDefault(name, name);
        var parts = name.Split('.', 2);
        if (!ByName.Value.TryGetValue(parts[0], out var family))
            throw new UserException(Unknown(parts[0]));
        var records = Pretrained.Of(family.Module).Values.Where(r => r.Architecture == parts[0]).ToArray();
        if (parts.Length == 1)
            return records.FirstOrDefault(r => r.HasWeights)
                ?? records.FirstOrDefault() ?? Pretrained.Default(parts[0]);
        return records.FirstOrDefault(r => r.Tag == parts[1]) ?? throw new UserException(
            $"No tag \"{parts[1]}\" of {parts[0]}.{Nearest.Hint(parts[1], records.Select(r => r.Tag))} "
            + $"There are: {string.Join(", ", records.Select(r => r.Tag))}.");
    }

    /// <summary>What is said of a name that is no model: timm may have it, or something near it is meant.</summary>
    static string Unknown(string name)
    {
        var near = Nearest.Hint(name, ByName.Value.Keys);
        if (near.Length == 0 && Nearest.SameBeginning(name, Names) is { Length: > 0 } kin)
            near = $" There are: {string.Join(", ", kin)}.";
        return Timm.Value.Contains(name)
            ? $"\"{name}\" is a model of timm that is not here yet.{near} \"onnxtimm list\" shows all that are."
            : $"No model \"{name}\".{near}";
    }

    static string WithoutHub(string name)
    {
        const string owner = "timm/";
        var scheme = HubSchemes.FirstOrDefault(scheme => name.StartsWith(scheme, StringComparison.Ordinal)) ?? "";
        var id = name[scheme.Length..];
        return id.StartsWith(owner, StringComparison.Ordinal) ? id[owner.Length..]
            : scheme.Length == 0 ? name
            : throw new UserException($"\"{name}\" is no repository of timm's, and only those say by their name "
                + "which model they hold. Fetch its weights and give them with --checkpoint.");
    }

    /// <summary>Builds a model's graph, with initial weights.</summary>
    public static Model Build(string name, ModelOptions? options = null) =>
        Model.Build(Resolve(name), options ?? new());
}
