using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Cli.Results;

/// <summary>What an .onnx file holds and what it says about itself, for people and for scripts.</summary>
/// <param name="file">The file.</param>
/// <param name="graph">The network in it.</param>
/// <param name="card">How images are prepared and classes called; null where it does not say.</param>
sealed class FileFacts(string file, Graph graph, ModelCard? card)
{
    const int MostLabels = 3, MostEntries = 30, MostLetters = 60;

    /// <summary>Learned values before anything was folded, where the file says so; else those that it stores.</summary>
    long ParamCount => card?.ParamCount ?? Stored;

    long Stored => graph.Stored.Where(v => v.Type is DType.Float32 or DType.Float16 or DType.BFloat16 or DType.Float64
            or DType.Int8 or DType.UInt8)
        .Sum(v => v.Data!.Count);

    /// <exception cref="UserException">No such file, no ONNX model, or a damaged one.</exception>
    public static FileFacts Of(string file)
    {
        if (!File.Exists(file))
            throw new UserException($"There is no file \"{file}\".");
        var graph = OnnxFile.Read(file);
        return new(file, graph, ModelCard.Read(graph.Metadata, file));
    }

    /// <summary>Names and values as in the JSON of a model of the zoo, and what only a file has.</summary>
    public IEnumerable<(string, object?)> Fields()
    {
        yield return ("model", file);
        yield return ("architecture", card?.Architecture);
        yield return ("tag", card?.Tag);
        yield return ("params", ParamCount);
        yield return ("param_count", Math.Round(ParamCount / 1e6, 2));
        yield return ("stored", Stored);
        yield return ("opset", graph.Opset);
        yield return ("domains", graph.Domains.Keys);
        yield return ("nodes", graph.Nodes.Count);
        yield return ("inputs", graph.Inputs.Select(v => $"{v}"));
        yield return ("outputs", graph.Outputs.Select(v => $"{v}"));
        foreach (var field in card?.Preprocess.Fields() ?? [("img_size", null)])
            yield return field;
        yield return ("interpolation", Word(card?.Preprocess.Interpolation));
        yield return ("crop_pct", card?.Preprocess.CropPct);
        yield return ("crop_mode", Word(card?.Preprocess.CropMode));
        yield return ("mean", card?.Preprocess.Mean);
        yield return ("std", card?.Preprocess.Std);
        yield return ("labels", card?.Labels);
        yield return ("metadata", graph.Metadata);
    }

    /// <summary>The same for people: long lists and texts are cut.</summary>
    public IEnumerable<(string, string)> Rows()
    {
        yield return ("model", card is { Architecture.Length: > 0 } ? $"{file} ({card.Architecture})" : file);
        yield return ("parameters", $"{ParamCount:N0} ({ParamCount / 1e6:F2} M)"
            + (Stored == ParamCount ? "" : $", {Stored:N0} values are stored"));
        yield return ("opset", string.Join(", ", graph.Domains.Keys.Prepend($"{graph.Opset}")));
        yield return ("nodes", $"{graph.Nodes.Count}");
        foreach (var input in graph.Inputs)
            yield return ("input", $"{input.Name} {input.Shape} {input.Type}");
        foreach (var output in graph.Outputs)
            yield return ("output", $"{output.Name} {output.Shape} {output.Type}");
        if (card?.Preprocess.Patches is { } patches)
            yield return ("patches", $"at most {patches}");
        yield return ("preprocess", card?.Preprocess is not { } c ? "the file does not say"
            : $"{Word(c.Interpolation)}, crop {c.CropPct} {Word(c.CropMode)}, mean {string.Join(" ", c.Mean)}, "
                + $"std {string.Join(" ", c.Std)}");
        yield return ("labels", card is { Labels.Count: > 0 }
            ? Short($"{card.Labels.Count}: {string.Join("; ", card.Labels.Take(MostLabels))}; ...") : "none");
        foreach (var (key, value) in graph.Metadata.Take(MostEntries))
            yield return ("metadata", Short($"{key} = {value}"));
        if (graph.Metadata.Count > MostEntries)
            yield return ("metadata", $"and {graph.Metadata.Count - MostEntries} more");
    }

    static string? Word(Enum? value) => value?.ToString().ToLowerInvariant();

    static string Short(string text) =>
        (text.Length > MostLetters ? $"{text[..MostLetters]}..." : text).ReplaceLineEndings(" ");
}
