namespace OnnxTimm.Conversion;

/// <summary>Takes the weights out of a checkpoint and gives them to a model.</summary>
public static partial class StateDicts
{
    /// <summary>
    /// What Flax puts before every name, from the outside in. Beside it are counters and the optimizer's moments, which
    /// go with it; tables of <see cref="RenameTables"/> see what is inside.
    /// </summary>
    static readonly string[] Folders = ["optimizer/target/", "opt/target/", "model/", "params/"];

    /// <summary>
    /// The weights of a checkpoint, by the rules of timm/models/_helpers.py (load_state_dict): the first of
    /// <c>state_dict_ema</c>, <c>model_ema</c> (both only with <paramref name="useEma"/>), <c>state_dict</c>,
    /// <c>model</c>, <c>model_state_dict</c>, else the only dictionary of tensors, else the whole; prefixes of wrappers
    /// are taken off. Of names with slashes, as Flax has them, those below <c>optimizer/target</c>, <c>opt/target</c>,
    /// <c>model</c> and <c>params</c> are taken, where there are any. Objects that hold no tensors are left out.
    /// </summary>
    /// <param name="content">The checkpoint; the result takes over its mapping.</param>
    /// <param name="useEma">Prefer averaged weights: timm's default when loading, opt-in when validating.</param>
    /// <exception cref="UserException">There are no tensors.</exception>
    public static StateDict Unwrap(CheckpointContent content, bool useEma)
    {
        var weights = Folders.Aggregate(Weights(content, useEma), Inside);
        var result = new StateDict(content.Path, content) { Format = content.Format };
        foreach (var (key, value) in weights)
            if (value is PyOpaque { HoldsTensors: true } opaque)
                throw content.Fault($"\"{key}\" is {opaque.Described}");
            else if (key is string name && (value as Tensor ?? (value as NumpyArray)?.Tensor) is { } tensor
                && !result.TryAdd(Wrappers.Plain(name), tensor))
                throw content.Fault("without the prefixes of wrappers, two tensors are named "
                    + $"\"{Wrappers.Plain(name)}\"");
        foreach (var (key, value) in content.Metadata)
            result.Metadata[key] = value;
        if (result.Count > 0)
            return result;
        var names = weights.Keys.OfType<string>().Take(10).DefaultIfEmpty("nothing");
        throw content.Fault($"it holds no tensors, only {string.Join(", ", names)}");
    }

    static PyDict Weights(CheckpointContent content, bool useEma) =>
        content.Metadata.ContainsKey(TrainingKeys.Version)
            ? OfTraining(content.Root, useEma)
            : Wrappers.Find(content, useEma);

    /// <summary>
    /// A training's checkpoint has averages and the optimizer's state beside the weights, below prefixes.
    /// </summary>
    static PyDict OfTraining(PyDict root, bool useEma)
    {
        bool Begins(object key, string prefix) =>
            key is string name && name.StartsWith(prefix, StringComparison.Ordinal);
        var takesAverage = useEma && root.Keys.Any(key => Begins(key, TrainingKeys.Average));
        var result = new PyDict();
        foreach (var (key, value) in root.Where(e => Begins(e.Key, TrainingKeys.Average) == takesAverage))
        {
            var name = takesAverage ? ((string)key)[TrainingKeys.Average.Length..] : key;
            if (!Begins(name, TrainingKeys.Optimizer) && !Begins(name, TrainingKeys.Task))
                result[name] = value;
        }
        return result;
    }

    /// <summary>The tensors below a folder; all where it holds none.</summary>
    static PyDict Inside(PyDict weights, string folder)
    {
        var result = new PyDict();
        foreach (var (key, value) in weights)
            if (value is Tensor && key is string name && name.StartsWith(folder, StringComparison.Ordinal))
                result[name[folder.Length..]] = value;
        return result.Count > 0 ? result : weights;
    }
}
