using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

public static partial class StateDicts
{
    /// <summary>
    /// State-dict entries that no graph has: they count batches, or are index tables and masks that follow from the
    /// sizes and are computed when the graph is built.
    /// </summary>
    static readonly string[] Ignored =
    [
        "num_batches_tracked",
        "relative_position_index",
        "relative_coords_table",
        "attn_mask",
        "attention_bias_idxs",
    ];

    /// <summary>
    /// Matches the weights of a file with a model's: foreign names are renamed, first convolutions and classifiers
    /// adapted as the options say, and tensors that follow the image size resampled.
    /// </summary>
    /// <param name="file">The weights; they stay mapped, so the file must live as long as the result is used.</param>
    /// <param name="model">Names and shapes that the model has.</param>
    /// <param name="options">What may differ; by default nothing.</param>
    /// <exception cref="UserException">Names are left over on either side, or shapes differ.</exception>
    public static LoadResult Load(
        StateDict file, IReadOnlyList<(string Name, long[] Shape)> model, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        var weights = RenameTables.Apply(file);
        var dropped = PretrainedRules.Apply(weights, options);
        var shapes = model.ToDictionary(entry => entry.Name, entry => entry.Shape);
        var missing = model.Select(entry => entry.Name).Where(name => !weights.ContainsKey(name))
            .Order(StringComparer.Ordinal).ToArray();
        var unexpected = weights.Keys.Where(name => !shapes.ContainsKey(name) && !IsIgnored(name))
            .Order(StringComparer.Ordinal).ToArray();
        CheckNames(file, missing.Except(dropped), unexpected, options);
        var tensors = model.Where(entry => weights.ContainsKey(entry.Name)).ToDictionary(
            entry => entry.Name,
            entry => Fitting(file, entry.Name, weights[entry.Name], entry.Shape, options));
        return new LoadResult(tensors, missing, unexpected);
    }

    /// <summary>
    /// Gives a model the weights of a file, as float32; what the file may lack keeps its initial values. The file must
    /// live as long as the graph.
    /// </summary>
    /// <exception cref="UserException">Names are left over on either side, or shapes differ.</exception>
    public static LoadResult Load(StateDict file, Graph graph, LoadOptions? options = null)
    {
        var weights = graph.Weights.ToArray();
        var result = Load(file, [.. weights.Select(w => (w.Name, w.Shape.Sizes))], options);
        foreach (var weight in weights)
            if (result.Tensors.TryGetValue(weight.Name, out var tensor))
                weight.Data = tensor.AsFloat32();
        return result;
    }

    static Tensor Fitting(
        StateDict file, string name, Tensor tensor, long[] shape, LoadOptions options)
    {
        if (tensor.Shape.AsSpan().SequenceEqual(shape))
            return tensor;
        return Fits.Find(name, tensor, shape, options.Positions) ?? throw new UserException(
            $"\"{file.Source}\": tensor \"{name}\" is {List(tensor.Shape)}, the model expects {List(shape)}."
            + Hint(name, tensor.Shape, options));
    }

    static string Hint(string name, long[] shape, LoadOptions options) =>
        options.Classifier.Any(prefix => name.StartsWith(prefix + ".", StringComparison.Ordinal)) && shape.Length > 0
            ? $" These weights are for {shape[0]} classes: give --num-classes {shape[0]}."
            : "";

    static void CheckNames(
        StateDict file, IEnumerable<string> missing, IEnumerable<string> unexpected, LoadOptions options)
    {
        var allowed = options.Allow.Select(Wildcard).ToArray();
        var absent = missing.Where(name => !allowed.Any(a => a.IsMatch(name))).ToArray();
        var surplus = unexpected.Where(name => !allowed.Any(a => a.IsMatch(name))).ToArray();
        if (absent.Length + surplus.Length > 0)
            throw new UserException($"\"{file.Source}\" does not fit the model."
                + Listed("In the model, not in the file", absent) + Listed("In the file, not in the model", surplus));
    }

    static string Listed(string title, string[] names)
    {
        const int shown = 20;
        var more = names.Length > shown ? $", and {names.Length - shown} more" : "";
        return names.Length == 0 ? "" : $" {title} ({names.Length}): {string.Join(", ", names.Take(shown))}{more}.";
    }

    static bool IsIgnored(string name) => Ignored.Contains(name[(name.LastIndexOf('.') + 1)..]);

    static Regex Wildcard(string pattern) => new($"^{Regex.Escape(pattern).Replace("\\*", ".*")}$");

    static string List(long[] shape) => $"[{string.Join(", ", shape)}]";
}
