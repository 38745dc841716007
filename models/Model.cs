using OnnxTimm.Passes;

namespace OnnxTimm.Models;

/// <summary>A model's graph with what is known about it.</summary>
public sealed class Model
{
    Model(Graph graph, Net net) => (Graph, Net) = (graph, net);

    /// <summary>
    /// Input <c>input</c> [N, C, H, W], or patches (<see cref="PatchInput"/>); outputs <c>logits</c>, with those of
    /// several heads as <c>logits_i</c> beside, <c>features</c> or <c>feature_i</c>.
    /// </summary>
    public Graph Graph { get; }

    /// <summary>What was noted while the graph was built.</summary>
    public Net Net { get; }

    /// <summary>The pretrained record whose defaults are in force; its weights are not loaded.</summary>
    public Pretrained Record => Net.Record;

    /// <summary>The family that knows the architecture.</summary>
    public IFamily Family => Zoo.FamilyOf(Record.Architecture);

    /// <summary>What the family says of the variant.</summary>
    public FamilyFacts Facts => Net.Facts;

    /// <summary>timm's no_weight_decay: names of parameters that are spared.</summary>
    public IReadOnlyList<string> NoWeightDecay =>
        [.. Facts.NoDecay.Concat(Graph.Weights.Where(w => w.IsSpared).Select(w => w.Name)).Distinct()];

    /// <summary>Names of the classifiers' parameters, in the order of the heads.</summary>
    public IReadOnlyList<string> ClassifierParams => [.. Net.Classifiers
        .SelectMany(prefix => new[] { $"{prefix}.weight", $"{prefix}.bias" })
        .Where(name => Graph.Find(name) is not null)];

    /// <summary>Channels of an image.</summary>
    public int Channels => Net.Options.InChans ?? Record.InputSize[0];

    /// <summary>Number of learned values.</summary>
    public long ParamCount => Graph.Weights.Where(w => w.Role == Role.Param).Sum(w => w.Data!.Count);

    /// <summary>
    /// timm's num_features: width of what the first classifier reads or, where there is none, of what the network
    /// gives.
    /// </summary>
    public long NumFeatures => Net.PreLogits is [var read, ..] ? read.Shape[1].Size
        : Graph.Outputs[0] is { Shape.Rank: 4 } map ? map.Channels : Graph.Outputs[0].Features;

    /// <summary>
    /// Begins the classifier anew as PyTorch begins a linear layer: timm's reset_classifier. A family's own rule may be
    /// meant for training from nothing and begin fine-tuning far off.
    /// </summary>
    public void ResetClassifier()
    {
        foreach (var weight in Net.Classifiers.Select(prefix => Graph.Find($"{prefix}.weight")).OfType<Value>())
        {
            var fanIn = weight.Shape.Skip(1).Aggregate(1L, (product, d) => product * d.Size);
            Begin(weight, Init.PyTorchDefault);
            if (Graph.Find($"{weight.Name[..^"weight".Length]}bias") is { } bias)
                Begin(bias, Init.Uniform(1 / Math.Sqrt(fanIn)));
        }
    }

    /// <summary>Builds a network with initial weights, which are made when they are read.</summary>
    /// <exception cref="UserException">An option is outside its range, or the network does not work on so small an
    /// image.</exception>
    public static Model Build(Pretrained record, ModelOptions options)
    {
        options.Check();
        try
        {
            return Emit(record, options);
        }
        catch (InvalidOperationException e) when (options.ImgSize is var (height, width))
        {
            throw new UserException($"{record.Architecture} cannot be built for images of {height}x{width}"
                + $"{Near(record, options, height, width)}: {e.Message}", e);
        }
    }

    /// <summary>The nearest size that is usual, where the network is built for that.</summary>
    static string Near(Pretrained record, ModelOptions options, int height, int width)
    {
        var size = (Height: Usual(height), Width: Usual(width));
        try
        {
            Emit(record, options with { ImgSize = size });
            return $", but for {size.Height}x{size.Width}";
        }
        catch (Exception e) when (e is InvalidOperationException or UserException)
        {
            return "";
        }
    }

    static int Usual(int side) => Math.Max(32, (side + 16) / 32 * 32);

    /// <summary>The same network for images of another size, with initial weights.</summary>
    /// <param name="height">Rows of an image in pixels.</param>
    /// <param name="width">Columns of an image in pixels.</param>
    /// <exception cref="UserException">It does not work on images of that size.</exception>
    public Model Resized(int height, int width) =>
        Build(Record, Net.Options with { ImgSize = (height, width) });

    /// <summary>The same network for a fixed number of patches, of any side, with initial weights.</summary>
    /// <param name="seqLen">Patches of each image, padding included.</param>
    /// <param name="side">Pixels of a patch's side.</param>
    /// <exception cref="UserException">It takes no patches.</exception>
    public Model Patched(int seqLen, int side) =>
        Build(Record, Net.Options with { SeqLen = seqLen, PatchSize = side });

    static Model Emit(Pretrained record, ModelOptions options)
    {
        var (family, name) = (Zoo.FamilyOf(record.Architecture), record.Architecture);
        var (height, width) = options.ImgSize ?? (record.InputSize[1], record.InputSize[2]);
        var graph = new Graph(name, options.Opset, options.Seed);
        var channels = options.InChans ?? record.InputSize[0];
        var batch = options.BatchSize is { } fixedSize ? fixedSize : Dim.Batch;
        var net = new Net(options, record)
        {
            Patches = options.MaxSeqLen is null ? null
                : PatchInput.Of(graph, batch, options.SeqLen ?? new Dim(1, "L"), PatchValues(name, family, options)
                    * channels),
        };
        var input = net.Patches?.Patches ?? graph.Input("input", DType.Float32, new(batch, channels, height, width));
        var logits = family.Build(name, net, graph.Root, input);
        if (options.OutputStride is not null && !net.Facts.Dilates)
            throw new UserException($"{record.Architecture} has no output_stride: its stages do not dilate.");
        if (options.DropBlockRate > 0 && !graph.Nodes.Any(n => n.Op == "DropBlock"))
            throw new UserException($"{record.Architecture} has no drop_block_rate: ResNets and networks by ByobNet "
                + "have it.");
        if (!options.FeaturesOnly)
        {
            graph.Output(net.NumClasses == 0 ? "features" : "logits", logits);
            foreach (var (i, each) in net.Logits.Index().Where(_ => net.Logits.Count > 1))
                graph.Output($"logits_{i}", each);
            if (options.WithFeatures)
                OutputMaps(graph, net);
            return new(graph, net);
        }
        OutputMaps(graph, net);
        return new(Rewrite.Apply(graph), net);
    }

    static int PatchValues(string name, IFamily family, ModelOptions options) => family.Facts(name).Patch switch
    {
        0 => throw new UserException($"{name} takes images, no patches: those of naflexvit do."),
        var own => (options.PatchSize ?? own) * (options.PatchSize ?? own),
    };

    static void OutputMaps(Graph graph, Net net)
    {
        foreach (var (i, index) in Indices(net).Index())
            graph.Output($"feature_{i}", net.Taps[index].Map);
    }

    void Begin(Value weight, Init init)
    {
        var (name, shape, seed) = (weight.Name, weight.Shape.Sizes, Graph.Seed);
        weight.Data = new Tensor(DType.Float32, shape, () => init.Make(name, seed, shape));
    }

    /// <summary>The taps that features_only gives: a negative index counts from the end.</summary>
    static IEnumerable<int> Indices(Net net)
    {
        var count = net.Taps.Count;
        return (net.Options.OutIndices ?? net.Facts.Taps ?? [.. Enumerable.Range(0, count)])
            .Select(i => i < 0 ? i + count : i)
            .Select(i => i >= 0 && i < count ? i : throw new UserException(
                $"out_indices: {net.Record.Architecture} has the maps 0 to {count - 1}, not {i}."));
    }
}
