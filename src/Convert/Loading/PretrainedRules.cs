namespace OnnxTimm.Conversion;

/// <summary>
/// First convolutions and classifiers of pretrained weights (load_pretrained of timm/models/_builder.py).
/// </summary>
static class PretrainedRules
{
    /// <summary>Changes the weights in place; returns the names that the model may now miss.</summary>
    public static List<string> Apply(Dictionary<string, Entry> weights, LoadOptions options)
    {
        var dropped = new List<string>();
        if (options.Channels != 3)
            foreach (var conv in options.FirstConv)
                AdaptInput(weights, $"{conv}.weight", options.Channels, dropped);
        if (options.AdaptsClassifier)
            foreach (var classifier in options.Classifier)
                AdaptClassifier(weights, [$"{classifier}.weight", $"{classifier}.bias"], options, dropped);
        return dropped;
    }

    static void AdaptInput(Dictionary<string, Entry> weights, string name, int channels, List<string> dropped)
    {
        // A checkpoint may come from a model that had these channels already.
        if (!weights.TryGetValue(name, out var weight) || (weight.Tensor.Shape is [_, var own, ..] && own == channels))
            return;
        if (Adapt.InputConv(weight.Tensor, channels) is { } adapted)
            weights[name] = weight.Changed($"adapted to {channels} channels", adapted);
        else
        {
            weights.Remove(name);
            dropped.Add(name);
        }
    }

    /// <summary>The file's own number of classes decides, whatever its record says.</summary>
    static void AdaptClassifier(
        Dictionary<string, Entry> weights, string[] names, LoadOptions options, List<string> dropped)
    {
        foreach (var name in names.Where(weights.ContainsKey))
        {
            var (weight, classes) = (weights[name], weights[name].Tensor.Shape.FirstOrDefault());
            if (classes == options.Classes + options.LabelOffset && options.LabelOffset > 0)
                weights[name] = weight.Changed(
                    $"first {options.LabelOffset} rows left out", Adapt.Rows(weight.Tensor, options.LabelOffset));
            else if (classes != options.Classes)
            {
                weights.Remove(name);
                dropped.Add(name);
            }
        }
    }
}
