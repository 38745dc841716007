using System.Globalization;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.ZooTools;

/// <summary>models/weights/index.csv and tags.csv: what is known of each name and of each tag without building it.
/// </summary>
public static class IndexFiles
{
    /// <summary>A name a line, from its graph and timm's tables of speeds.</summary>
    /// <param name="speeds">Images a second of a name, on a processor and on a graphics card.</param>
    public static string Names(Func<string, (double? Cpu, double? Gpu)> speeds) => Lines(
        "name,module,params,gmacs,macts,img_size,num_features,merged_params,merged_gmacs,cpu_per_sec,gpu_per_sec",
        Zoo.Names.Select(name => Line(name, speeds(name))));

    /// <summary>What a line of the index says of a name.</summary>
    public static string Line(string name, (double? Cpu, double? Gpu) speed)
    {
        var model = Zoo.Build(name);
        return string.Create(CultureInfo.InvariantCulture,
            $"{name},{model.Family.Module},{Size(model)},{model.NumFeatures},"
            + $"{Merged(model)},{speed.Cpu:0.##},{speed.Gpu:0}");
    }

    /// <summary>The speeds that the index has.</summary>
    public static (double? Cpu, double? Gpu) Speeds(string name)
    {
        var row = Zoo.Find(new() { Patterns = [name] }).Single(row => row.Name == name);
        return (row.CpuSpeed, row.GpuSpeed);
    }

    /// <summary>The speeds of timm's tables, where they are of a name's own image.</summary>
    /// <param name="folder">timm's results.</param>
    public static Func<string, (double? Cpu, double? Gpu)> Published(string folder)
    {
        var (cpu, gpu) = (Table("fp32-nchw-pt240-cpu-i7_12700h-dynamo"), Table("amp-nchw-pt291-cu130-5090"));
        var sizes = Zoo.Find(new()).ToDictionary(row => row.Name, row => $"{row.ImgSize}");
        return name => (Find(cpu, name), Find(gpu, name));

        Dictionary<(string, string), double> Table(string run) =>
            File.ReadLines(Path.Combine(folder, $"benchmark-infer-{run}.csv")).Skip(1).Select(line => line.Split(','))
                .GroupBy(f => (f[0], f[1]), f => double.Parse(f[2], CultureInfo.InvariantCulture))
                .ToDictionary(rows => rows.Key, rows => rows.Max());

        double? Find(Dictionary<(string, string), double> table, string name) =>
            table.TryGetValue((name, sizes[name]), out var speed) ? speed : null;
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
