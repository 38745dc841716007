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
        "n_averaged",  // torch.optim.swa_utils
        "relative_position_index",
        "relative_coords_table",
        "attn_mask",
        "attention_bias_idxs",
        "total_ops",  // thop, as is the next
        "total_params",
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
        var names = model.Select(tensor => tensor.Name).Where(name => !IsIgnored(name)).ToHashSet();
        var mayMiss = Wildcard.AnyOf(options.AllowMissing);
        if (Towers.Find(file.Keys) is null)
            file = NamePrefix.TakeOff(file, names.Where(name => !mayMiss(name)).ToHashSet());
        var renamed = RenameTables.Apply(file, model);
        var weights = renamed.Entries.ToDictionary(entry => entry.Name);
        var dropped = PretrainedRules.Apply(weights, options);
        var shapes = model.ToDictionary(entry => entry.Name, entry => entry.Shape);
        string[] missing = [.. shapes.Keys.Where(name => !weights.ContainsKey(name)).Order(StringComparer.Ordinal)];
        Entry[] over = [.. weights.Values.Where(w => !shapes.ContainsKey(w.Name) && !IsIgnored(w.Name))];
        var mayBe = Wildcard.AnyOf(options.AllowUnexpected);
        CheckNames(file, names, missing.Except(dropped), Sources(over.Where(w => !mayBe(w.Name))), options);
        var fits = renamed.Table.Filter is { } filter
            ? options.Fits.ToDictionary(f => f.Key, f => f.Value is Fit.Grid g ? g with { Filter = filter } : f.Value)
            : options.Fits;
        return new(
            [
                .. model.Where(tensor => weights.ContainsKey(tensor.Name))
                    .Select(tensor => Fitting(file, weights[tensor.Name], tensor.Shape, fits, options)),
            ],
            missing, Sources(over), renamed);
    }

    /// <summary>
    /// Gives a model the weights of a file, as float32; what the file may lack keeps its initial values. The file must
    /// live as long as the graph.
    /// </summary>
    /// <exception cref="UserException">Names are left over on either side, or shapes differ.</exception>
    public static LoadResult Load(StateDict file, Graph graph, LoadOptions? options = null)
    {
        options ??= new();
        var result = Load(file, [.. graph.StateDict.Select(e => (e.Name, e.Weight.Shape.Sizes))],
            options with { AllowMissing = [.. options.AllowMissing, .. SecondNames(graph)] });
        Fill(graph, result);
        return result;
    }

    /// <summary>Names that a file may leave out, since it holds the weight under its first name.</summary>
    public static IEnumerable<string> SecondNames(Graph graph) =>
        graph.StateDict.Where(e => e.Name != e.Weight.Name).Select(e => e.Name);

    /// <summary>
    /// Gives the weights their content; one of several names has it under each of them, or under one.
    /// </summary>
    /// <exception cref="UserException">The file has different contents for one weight.</exception>
    public static void Fill(Graph graph, LoadResult result)
    {
        var filled = new Dictionary<Value, string>();
        foreach (var (name, weight) in graph.StateDict.Where(entry => result.Tensors.ContainsKey(entry.Name)))
        {
            var data = result.Tensors[name].AsFloat32();
            if (filled.TryAdd(weight, name))
                weight.Data = data;
            else if (!weight.Data!.Bytes.Span.SequenceEqual(data.Bytes.Span))
                throw new UserException($"\"{name}\" and \"{filled[weight]}\" are one parameter of {graph.Name} and "
                    + "differ in the file.");
        }
    }

    static Entry Fitting(
        StateDict file, Entry entry, long[] shape, IReadOnlyDictionary<string, Fit> fits, LoadOptions options)
    {
        var (name, tensor) = (entry.Name, entry.Tensor);
        if (tensor.Shape.AsSpan().SequenceEqual(shape))
            return entry;
        if (IsReshaped(tensor.Shape, shape))
            return entry.Changed($"reshaped from {List(tensor.Shape)}", tensor.Reshape(shape));
        if (Fits.Find(name, tensor, shape, fits) is { } fitting)
            return entry.Changed(
                $"{(fitting.Count == tensor.Count ? "reshaped" : "resized")} from {List(tensor.Shape)}", fitting);
        var source = entry.Sources is [var only] && only == name ? ""
            : $" (\"{string.Join("\", \"", entry.Sources)}\" in the file)";
        throw new UserException($"\"{file.Source}\": tensor \"{name}\"{source} is {List(tensor.Shape)}, "
            + $"the model expects {List(shape)}.{Hint(name, tensor.Shape, options)}");
    }

    /// <summary>
    /// Only axes of length 1 differ: a linear layer is a convolution of kernel 1, a scale may stand for every place.
    /// </summary>
    static bool IsReshaped(long[] from, long[] to) =>
        from.Where(size => size != 1).SequenceEqual(to.Where(size => size != 1));

    static string Hint(string name, long[] shape, LoadOptions options) =>
        options.Classifier.Any(prefix => name.StartsWith(prefix + ".", StringComparison.Ordinal)) && shape.Length > 0
            ? $" These weights are for {shape[0]} classes: give --num-classes {shape[0]}."
            : "";

    static void CheckNames(StateDict file, HashSet<string> names, IEnumerable<string> missing,
        IEnumerable<string> unexpected, LoadOptions options)
    {
        var (mayMiss, mayBe) = (Wildcard.AnyOf(options.AllowMissing), Wildcard.AnyOf(options.AllowUnexpected));
        string[] absent = [.. missing.Where(name => !mayMiss(name))];
        string[] surplus = [.. unexpected.Where(name => !mayBe(name))];
        if (absent.Length + surplus.Length == 0)
            return;
        var hint = NamePrefix.Hint(file.Keys, names);
        throw hint.Length > 0 ? new UserException($"\"{file.Source}\" does not fit the model.{hint}")
            : new UserException($"\"{file.Source}\" does not fit the model."
                + Listed("In the model, not in the file", absent) + Listed("In the file, not in the model", surplus));
    }

    /// <summary>A sentence with the first of some names; nothing where there are none.</summary>
    internal static string Listed(string title, string[] names)
    {
        const int shown = 20;
        var more = names.Length > shown ? $", and {names.Length - shown} more" : "";
        return names.Length == 0 ? "" : $" {title} ({names.Length}): {string.Join(", ", names.Take(shown))}{more}.";
    }

    static string[] Sources(IEnumerable<Entry> entries) =>
        [.. entries.SelectMany(entry => entry.Sources).Order(StringComparer.Ordinal)];

    static bool IsIgnored(string name) => Ignored.Contains(name[(name.LastIndexOf('.') + 1)..]);

    static string List(long[] shape) => $"[{string.Join(", ", shape)}]";
}
