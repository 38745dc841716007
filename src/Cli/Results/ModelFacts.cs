using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Results;

/// <summary>What is known of a model of the zoo, for people and for scripts.</summary>
/// <param name="model">The model as it was asked for.</param>
sealed class ModelFacts(Model model)
{
    readonly Cost cost = Cost.Of(model.Graph);

    readonly IReadOnlyList<ZooRow> tags =
        Zoo.Find(new() { Patterns = [model.Record.Architecture], Pretrained = true });

    /// <summary>What the index says of the name.</summary>
    readonly ZooRow row = Zoo.Find(new() { Patterns = [model.Record.Architecture] })[0];

    Pretrained Record => model.Record;

    Value Image => model.Graph.Inputs[0];

    /// <summary>The names of the family by parameters, each of another number of them.</summary>
    ZooRow[] Kin => [.. Zoo.Find(new() { Module = row.Module, Order = ZooOrder.Params })];

    ZooRow? Smaller => Kin.LastOrDefault(other => other.Params < row.Params);

    ZooRow? Larger => Kin.FirstOrDefault(other => other.Params > row.Params);

    /// <summary>Names and values, timm's where it has them.</summary>
    public IEnumerable<(string, object?)> Fields()
    {
        yield return ("model", Record.Name);
        yield return ("module", row.Module);
        yield return ("params", model.ParamCount);
        yield return ("param_count", Math.Round(model.ParamCount / 1e6, 2));
        yield return ("gmacs", Math.Round(cost.Macs / 1e9, 2));
        yield return ("macts", Math.Round(cost.Activations / 1e6, 2));
        yield return ("merged_params", row.Merged?.Params);
        yield return ("merged_gmacs", row.Merged?.GMacs);
        yield return ("img_size", Image.Height);
        yield return ("input_size", Image.Shape.Skip(1).Select(d => d.Size));
        yield return ("patch_size", model.Facts.Patch > 0 ? model.Facts.Patch : null);
        yield return ("interpolation", Record.Interpolation);
        yield return ("crop_pct", Record.CropPct);
        yield return ("crop_mode", Record.CropMode);
        yield return ("mean", Record.Mean);
        yield return ("std", Record.Std);
        yield return ("num_classes", model.Net.NumClasses);
        yield return ("num_features", model.NumFeatures);
        yield return ("first_conv", Record.FirstConv);
        yield return ("classifier", model.Net.Classifiers);
        yield return ("license", Record.License);
        yield return ("hf_hub_id", Record.HubId);
        yield return ("url", Record.Url);
        yield return ("tags", Tags().Select(r => r.Tag));
        yield return ("weights", new ZooTable(tags).Rows(Columns));
        yield return ("smaller", Smaller?.Name);
        yield return ("larger", Larger?.Name);
    }

    /// <summary>The same for people, and what can be done with it.</summary>
    public IEnumerable<(string, string)> Rows()
    {
        yield return ("model", $"{Record.Name} (module {row.Module})");
        yield return ("parameters", $"{model.ParamCount:N0} ({model.ParamCount / 1e6:F2} M)");
        yield return ("GMACs", $"{cost.Macs / 1e9:F2}");
        yield return ("activations", $"{cost.Activations / 1e6:F2} M");
        if (row.Merged is { } merged)
            yield return ("merged", $"{merged.Params / 1e6:F2} M parameters, {merged.GMacs:F2} GMACs at "
                + $"{row.ImgSize} px, when branches are one");
        yield return ("input", $"{Image.Name} {Image.Shape} {Image.Type}");
        if (model.Facts.Patch is > 0 and var side)
            yield return ("patches", $"with --naflex, of images of any shape, at most "
                + $"{new PatchConfig(side, PatchConfig.DefaultMaxSeqLen)}, or as many as --naflex-max-seq-len says");
        yield return ("preprocess", $"{Record.Interpolation}, crop {Record.CropPct} {Record.CropMode}, "
            + $"mean {string.Join(" ", Record.Mean)}, std {string.Join(" ", Record.Std)}");
        yield return ("head", Head);
        yield return ("weights", Record.HasWeights ? $"{Record.HubId ?? Record.Url} ({Record.License})" : "none");
        foreach (var line in tags.Count == 0 ? [] : new ZooTable(tags).Text(Columns).Split('\n'))
            yield return ("", line);
        string[] rest = [.. Tags().Where(r => !r.HasWeights).Select(r => r.Tag)];
        if (rest.Length > 0)
            yield return ("no weights", string.Join(", ", rest));
        yield return ("smaller", Near(Smaller));
        yield return ("larger", Near(Larger));
        foreach (var (verb, line) in Uses())
            yield return (verb, line);
    }

    static string[] Columns => ["name", "img_size", "top1", "top5", "result_size", "license", "task"];

    string Head => model.Net.NumClasses == 0 ? $"{model.NumFeatures} features"
        : $"{string.Join(", ", model.Net.Classifiers)}: {model.NumFeatures} features to {model.Net.NumClasses} "
            + (LabelSet.Has(model.Net.NumClasses) || model.Net.NumClasses != Record.NumClasses ? "classes"
                : "values that are compared with a text's");

    static string Near(ZooRow? other) =>
        other is null ? "none" : $"{other.Name} ({other.Params / 1e6:F2} M, {other.GMacs:F2} GMACs)";

    /// <summary>Command lines with the name in them.</summary>
    IEnumerable<(string, string)> Uses()
    {
        var weights = Record.HasWeights ? " --pretrained" : "";
        if (Record.HasWeights && LabelSet.Has(Record.NumClasses))
            yield return ("classify", $"onnxtimm infer --model {Record.Name} --pretrained --data-dir PHOTOS");
        yield return (Record.HasWeights ? "fine-tune" : "train",
            $"onnxtimm train {Record.Name}{weights} --data-dir DATA_SET --output RUNS");
        yield return ("export", $"onnxtimm export {Record.Name}{weights} --output {Record.Architecture}.onnx");
    }

    IEnumerable<Pretrained> Tags() => Pretrained.Of(row.Module).Values
        .Where(r => r.Architecture == Record.Architecture && r.Tag.Length > 0);
}
