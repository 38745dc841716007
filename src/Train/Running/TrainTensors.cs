using OnnxTimm.Conversion;

namespace OnnxTimm.Train;

/// <summary>The tensors of a training: weights, their average, and the optimizer's state.</summary>
/// <param name="order">Names of all weights in the order of the state-dict.</param>
/// <param name="parameters">What is learned.</param>
/// <param name="stats">Running statistics.</param>
/// <param name="update">The optimizer.</param>
/// <param name="ema">The average of parameters and statistics; null for none.</param>
sealed class TrainTensors(
    IReadOnlyList<string> order, FlatTensors parameters, FlatTensors stats, IUpdate update, Ema? ema)
{
    public IUpdate Update => update;

    public Ema? Ema => ema;

    public FlatTensors Parameters => parameters;

    /// <summary>The weights, or their average, by name.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Weights(bool average) => order.Select(name =>
        KeyValuePair.Create(name, Of(name, average ? ema!.Average : [parameters, stats]).Tensor(name)));

    /// <summary>Everything, under the names of a checkpoint.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> All() =>
    [
        .. Weights(average: false),
        .. ema is null ? [] : Weights(average: true)
            .Select(w => KeyValuePair.Create(TrainingKeys.Average + w.Key, w.Value)),
        .. States().Select(s => KeyValuePair.Create(s.Key, s.Tensors.Tensor(s.Name))),
    ];

    /// <summary>
    /// Fills everything from a checkpoint. Where it has no average, the average begins at its weights.
    /// </summary>
    /// <exception cref="UserException">A tensor is absent or has another shape.</exception>
    public void Load(StateDict file, bool optimizer)
    {
        foreach (var name in order)
        {
            Fill(file, name, name, Of(name, [parameters, stats]));
            if (ema is not null)
                Fill(file, file.ContainsKey(TrainingKeys.Average + name) ? TrainingKeys.Average + name : name,
                    name, Of(name, ema.Average));
        }
        if (optimizer)
            foreach (var (key, name, tensors) in States())
                Fill(file, key, name, tensors);
    }

    /// <summary>The weights of a checkpoint that are deployed: their average, if it has one.</summary>
    /// <exception cref="UserException">A tensor is absent or has another shape.</exception>
    public static KeyValuePair<string, Tensor>[] Deployed(StateDict file, Graph graph)
    {
        var prefix = file.Keys.Any(k => k.StartsWith(TrainingKeys.Average, StringComparison.Ordinal))
            ? TrainingKeys.Average : "";
        return [.. graph.Weights.Select(w =>
            KeyValuePair.Create(w.Name, Find(file, prefix + w.Name, w.Shape.Sizes).AsFloat32()))];
    }

    IEnumerable<(string Key, string Name, FlatTensors Tensors)> States() =>
        from slot in update.Optimizer.State.Zip(update.State)
        from name in slot.Second.Layout.Names
        select ($"{TrainingKeys.Optimizer}{slot.First.Name}.{name}", name, slot.Second);

    static FlatTensors Of(string name, FlatTensors[] sets) => sets.First(set => set.Layout.Contains(name));

    static void Fill(StateDict file, string key, string name, FlatTensors to) =>
        Find(file, key, to.Layout.ShapeOf(name)).AsFloat32().Span<float>().CopyTo(to[name].Span);

    static Tensor Find(StateDict file, string key, long[] shape)
    {
        if (!file.TryGetValue(key, out var tensor))
            throw new UserException($"\"{file.Source}\" has no tensor \"{key}\".{Nearest.Hint(key, file.Keys)}"
                + (key.StartsWith(TrainingKeys.Optimizer, StringComparison.Ordinal)
                    ? " It was written by another optimizer: give the same --opt, or --no-resume-opt." : ""));
        return tensor.Shape.AsSpan().SequenceEqual(shape) ? tensor
            : throw new UserException($"\"{file.Source}\": tensor \"{key}\" is [{string.Join(", ", tensor.Shape)}], "
                + $"this training has [{string.Join(", ", shape)}].");
    }
}
