namespace OnnxTimm.Models;

/// <summary>
/// All families: a new one is one line here and one file beside it. A family's table is made when one of its names is
/// asked for: which names timm's modules have is known without (models/weights/names.txt).
/// </summary>
public static class Zoo
{
    static readonly Dictionary<string, Func<IFamily>> ByModule = new()
    {
        { "beit", () => Beit.Family },
        { "byoanet", () => ByoaNet.Family },
        { "byobnet", () => ByobNet.Family },
        { "cait", () => Cait.Family },
        { "cifar_resnet", () => CifarResNet.Family },
        { "coat", () => CoaT.Family },
        { "convit", () => ConVit.Family },
        { "convmixer", () => ConvMixer.Family },
        { "convnext", () => ConvNeXt.Family },
        { "cpubone", () => CpuBone.Family },
        { "crossvit", () => CrossVit.Family },
        { "csatv2", () => CsatV2.Family },
        { "cspnet", () => CspNet.Family },
        { "cspnext", () => CspNext.Family },
        { "davit", () => DaVit.Family },
        { "deepseek_vit", () => DeepseekVit.Family },
        { "deit", () => Deit.Family },
        { "densenet", () => DenseNet.Family },
        { "dla", () => Dla.Family },
        { "dpn", () => Dpn.Family },
        { "edgenext", () => EdgeNeXt.Family },
        { "efficientformer", () => EfficientFormer.Family },
        { "efficientformer_v2", () => EfficientFormerV2.Family },
        { "efficientnet", () => EfficientNet.Family },
        { "efficientvim", () => EfficientViM.Family },
        { "efficientvit_mit", () => EfficientVitMit.Family },
        { "efficientvit_msra", () => EfficientVitMsra.Family },
        { "eva", () => Eva.Family },
        { "fasternet", () => FasterNet.Family },
        { "fastvit", () => FastViT.Family },
        { "focalnet", () => FocalNet.Family },
        { "gcvit", () => GcVit.Family },
        { "gemma4_vit", () => Gemma4Vit.Family },
        { "ghostnet", () => GhostNet.Family },
        { "hardcorenas", () => HardCoreNas.Family },
        { "hgnet", () => HgNet.Family },
        { "hiera", () => Hiera.Family },
        { "hieradet_sam2", () => HieraDetSam2.Family },
        { "hrnet", () => HighResolutionNet.Family },
        { "iformer", () => IFormer.Family },
        { "inception_next", () => InceptionNext.Family },
        { "inception_resnet_v2", () => InceptionResNetV2.Family },
        { "inception_v3", () => InceptionV3.Family },
        { "inception_v4", () => InceptionV4.Family },
        { "lcnetv2", () => LcNetV2.Family },
        { "levit", () => Levit.Family },
        { "lowformer", () => LowFormer.Family },
        { "mambaout", () => MambaOut.Family },
        { "maxxvit", () => MaxxVit.Family },
        { "metaformer", () => MetaFormer.Family },
        { "mlp_mixer", () => MlpMixer.Family },
        { "mobilenetv3", () => MobileNetV3.Family },
        { "mobilenetv5", () => MobileNetV5.Family },
        { "mobilevit", () => MobileVit.Family },
        { "mvitv2", () => MViTv2.Family },
        { "naflexvit", () => NaFlexVit.Family },
        { "nasnet", () => NasNet.Family },
        { "nest", () => Nest.Family },
        { "nextvit", () => NextVit.Family },
        { "nfnet", () => NfNet.Family },
        { "pit", () => Pit.Family },
        { "pnasnet", () => PnasNet.Family },
        { "pvt_v2", () => PvtV2.Family },
        { "qwen3_vit", () => Qwen3Vit.Family },
        { "rdnet", () => RdNet.Family },
        { "regnet", () => RegNet.Family },
        { "repghost", () => RepGhost.Family },
        { "repvit", () => RepViT.Family },
        { "res2net", () => Res2Net.Family },
        { "resnest", () => ResNeSt.Family },
        { "resnet", () => ResNet.Family },
        { "resnetv2", () => ResNetV2.Family },
        { "rexnet", () => ReXNet.Family },
        { "selecsls", () => SelecSls.Family },
        { "senet", () => SeNet.Family },
        { "sequencer", () => Sequencer.Family },
        { "shvit", () => ShVit.Family },
        { "sknet", () => SkNet.Family },
        { "starnet", () => StarNet.Family },
        { "swiftformer", () => SwiftFormer.Family },
        { "swin_transformer", () => SwinTransformer.Family },
        { "swin_transformer_v2", () => SwinTransformerV2.Family },
        { "swin_transformer_v2_cr", () => SwinTransformerV2Cr.Family },
        { "tiny_vit", () => TinyVit.Family },
        { "tnt", () => Tnt.Family },
        { "tresnet", () => TResNet.Family },
        { "twins", () => Twins.Family },
        { "vgg", () => Vgg.Family },
        { "visformer", () => Visformer.Family },
        { "vision_transformer", () => VisionTransformer.Family },
        { "vision_transformer_hybrid", () => VisionTransformerHybrid.Family },
        { "vision_transformer_relpos", () => VisionTransformerRelPos.Family },
        { "vision_transformer_sam", () => VisionTransformerSam.Family },
        { "vitamin", () => Vitamin.Family },
        { "volo", () => Volo.Family },
        { "vovnet", () => VovNet.Family },
        { "xception", () => Xception.Family },
        { "xception_aligned", () => XceptionAligned.Family },
        { "xcit", () => Xcit.Family },
    };

    static readonly string[] HubSchemes = ["hf-hub:", "hf_hub:"];

    /// <summary>Names of all modules.</summary>
    static readonly Lazy<Dictionary<string, string[]>> Timm = new(() => Resources.Lines("names.txt")
        .Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1..]));

    static readonly Lazy<Dictionary<string, string>> ModuleOf = new(() => Modules
        .SelectMany(module => Timm.Value[module].Select(name => KeyValuePair.Create(name, module))).ToDictionary());

    static readonly Lazy<Dictionary<string, string>> Deprecated = new(() =>
        Resources.Json("deprecations.json")!.Value.EnumerateObject()
            .ToDictionary(p => p.Name, p => p.Value.GetString()!));

    /// <summary>timm's modules.</summary>
    public static IReadOnlyCollection<string> Modules => ByModule.Keys;

    /// <summary>All families, each with its whole table.</summary>
    public static IEnumerable<IFamily> Families => ByModule.Values.Select(family => family());

    /// <summary>All architectures, in natural order.</summary>
    public static IEnumerable<string> Names => ModuleOf.Value.Keys.Order(NaturalOrder.Instance);

    /// <summary>The family of an architecture.</summary>
    public static IFamily FamilyOf(string architecture) => ByModule[ModuleOf.Value[architecture]]();

    /// <summary>Names (with tags, where weights are asked for) that a wildcard such as "resnet*" selects.</summary>
    public static IEnumerable<string> List(string filter = "", string module = "", bool pretrained = false)
    {
        var modules = Modules.Where(m => module.Length == 0 || m == module);
        var names = pretrained
            ? modules.SelectMany(m => Pretrained.Of(m).Values.Where(r => r.HasWeights)).Select(r => r.Name)
            : modules.SelectMany(m => Timm.Value[m]);
        var wildcard = new Wildcard(filter);
        return names
            .Where(n => filter.Length == 0 || wildcard.Fits(n) || wildcard.Fits(n.Split('.')[0]))
            .Order(NaturalOrder.Instance);
    }

    /// <summary>Licences of pretrained weights.</summary>
    public static IReadOnlyCollection<string> Licenses =>
        [.. ZooIndex.Tags.Select(tag => tag.License!).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// What the index has that is asked for: names, or tags where weights are asked about. No family is initialised and
    /// no network built.
    /// </summary>
    public static IReadOnlyList<ZooRow> Find(ZooQuery query)
    {
        var isChosen = query.Patterns.Count == 0 ? _ => true : Wildcard.AnyOf(query.Patterns);
        var isLeftOut = Wildcard.AnyOf(query.Exclude);
        var rows = (query.IsOfTags ? ZooIndex.Tags : ZooIndex.Names)
            .Where(row => query.Fits(row) && IsNamed(row, isChosen) && !IsNamed(row, isLeftOut));
        // The index is in the order of names, which a sort keeps among equals.
        if (query.Comparer is { } order)
            rows = rows.Order(order);
        return [.. rows.Take(query.Top ?? int.MaxValue)];

        static bool IsNamed(ZooRow row, Func<string, bool> fits) => fits(row.Name) || fits(row.Name.Split('.')[0]);
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
        if (!ModuleOf.Value.TryGetValue(parts[0], out var module))
            throw new UserException(Unknown(parts[0].Length > 0 ? parts[0] : name));
        var records = Pretrained.Of(module).Values.Where(r => r.Architecture == parts[0]).ToArray();
        if (parts.Length == 1)
            return records.FirstOrDefault(r => r.HasWeights)
                ?? records.FirstOrDefault() ?? Pretrained.Default(parts[0]);
        return records.FirstOrDefault(r => r.Tag == parts[1]) ?? throw new UserException(
            $"No tag \"{parts[1]}\" of {parts[0]}.{Nearest.Hint(parts[1], records.Select(r => r.Tag))} "
            + $"There are: {string.Join(", ", records.Select(r => r.Tag))}.");
    }

    /// <summary>What is said of a name that is no model: what is near it.</summary>
    static string Unknown(string name)
    {
        var near = Nearest.Hint(name, ModuleOf.Value.Keys);
        if (near.Length == 0 && Nearest.SameBeginning(name, Names) is { Length: > 0 } kin)
            near = $" There are: {string.Join(", ", kin)}.";
        return $"No model \"{name}\".{near}";
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
