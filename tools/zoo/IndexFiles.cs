using System.Globalization;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.ZooTools;

/// <summary>models/weights/index.csv and tags.csv: what is known of each name and of each tag without building it.
/// </summary>
public static class IndexFiles
{
    /// <summary>A name a line, from its graph.</summary>
    public static string Names() => Lines("name,module,params,gmacs,macts,img_size,num_features", Zoo.Names.Select(Line));

    /// <summary>What a line of the index says of a name.</summary>
    public static string Line(string name)
    {
        var model = Zoo.Build(name);
        return $"{name},{model.Family.Module},{Size(model)},{model.NumFeatures}";
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
        return Lines("tag,params,gmacs,macts,img_size,license,num_classes,top1,top5,result_size",
            Zoo.List(pretrained: true).Select(tag =>
            {
                var (model, result) = (Zoo.Build(tag), best.GetValueOrDefault(tag));
                return $"{tag},{Size(model)},{model.Record.License},{model.Record.NumClasses},"
                    + $"{result?[2]},{result?[4]},{result?[1]}";
            }));
    }

    /// <summary>Parameters, work and image.</summary>
    static string Size(Model model)
    {
        var cost = Cost.Of(model.Graph);
        return string.Create(CultureInfo.InvariantCulture, $"{model.ParamCount},{cost.Macs / 1e9:0.####},"
            + $"{cost.Activations / 1e6:0.###},{model.Graph.Inputs[0].Height}");
    }

    static string Lines(string head, IEnumerable<string> lines) => string.Join('\n', lines.Prepend(head)) + "\n";
}
