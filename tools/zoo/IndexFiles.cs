using System.Globalization;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.ZooTools;

/// <summary>models/weights/index.csv and tags.csv: what is known of each name and of each tag without building it.
/// </summary>
public static class IndexFiles
{
    /// <summary>A name a line, from its graph.</summary>
    public static string Names() => Lines(
        "name,module,params,gmacs,macts,img_size,num_features,merged_params,merged_gmacs", Zoo.Names.Select(Line));

    /// <summary>What a line of the index says of a name.</summary>
    public static string Line(string name)
    {
        var model = Zoo.Build(name);
        return $"{name},{model.Family.Module},{Size(model)},{model.NumFeatures},{Merged(model)}";
    }

    /// <summary>
    /// A tag with weights a line, from its graph, whose image and classes may be its own, its record, and timm's table
    /// of results.
    /// </summary>
    /// <param name="results">Lines of timm's results-imagenet.csv; the best of a name counts.</param>
    public static string Tags(IEnumerable<string> results)
    {
        var best = results.Skip(1).Select(line => line.Split(',')).GroupBy(fields => fields[0]).ToDictionary(
            rows => rows.Key, rows => rows.MaxBy(fields => double.Parse(fields[2], CultureInfo.InvariantCulture))!);
        return Lines(
            "tag,params,gmacs,macts,img_size,license,num_classes,top1,top5,result_size,merged_params,merged_gmacs",
            Zoo.List(pretrained: true).Select(tag => TagLine(tag, best.GetValueOrDefault(tag))));
    }

    /// <summary>What a line says of a tag.</summary>
    /// <param name="tag">The name with the tag.</param>
    /// <param name="result">The fields of its line in timm's table: name, image, top-1, its error, top-5 and so on.
    /// </param>
    public static string TagLine(string tag, string[]? result)
    {
        var model = Zoo.Build(tag);
        return $"{tag},{Size(model)},{model.Record.License},{model.Record.NumClasses},"
            + $"{result?[2]},{result?[4]},{result?[1]},{Merged(model)}";
    }

    /// <summary>Parameters, work and image.</summary>
    static string Size(Model model)
    {
        var cost = Cost.Of(model.Graph);
        return string.Create(CultureInfo.InvariantCulture, $"{model.ParamCount},{cost.Macs / 1e9:0.####},"
            + $"{cost.Activations / 1e6:0.###},{model.Graph.Inputs[0].Height}");
    }

    /// <summary>Values and work of the exported form of a network whose branches merge.</summary>
    static string Merged(Model model)
    {
        if (!MergeLinear.HasBranches(StripTraining.Apply(model.Graph)))
            return ",";
        var merged = Export.Optimize(model.Graph);
        return merged.Branches == 0 ? "," : string.Create(CultureInfo.InvariantCulture,
            $"{merged.Graph.Weights.Sum(w => w.Data!.Count)},{Cost.Of(merged.Graph).Macs / 1e9:0.####}");
    }

    static string Lines(string head, IEnumerable<string> lines) => string.Join('\n', lines.Prepend(head)) + "\n";
}
