namespace OnnxTimm.ZooTools;

/// <summary>
/// A piece of a graph as the boxes of a diagram: views and copies are left out, norms and activations are noted in the
/// operator before them, products of queries, keys and values become one attention.
/// </summary>
sealed class Boxes
{
    static readonly Dictionary<string, string> Norms = new()
    {
        { "BatchNormalization", "BN" }, { "LayerNormalization", "LN" }, { "GroupNormalization", "GN" },
        { "InstanceNormalization", "IN" }, { "LpNormalization", "L2" },
    };

    static readonly HashSet<string> Views =
    [
        "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Cast", "Expand", "Split", "Slice",
        "Gather", "Pad", "Tile", "DepthToSpace", "SpaceToDepth", "Dropout",
    ];

    static readonly HashSet<string> Merges =
        ["Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Concat", "Sum", "Where"];

    readonly Dictionary<Value, Box> boxOf = [];
    readonly Dictionary<Value, Unary> unary = [];
    readonly Dictionary<Value, bool> stored = [];
    readonly ILookup<Value, Node> readers;
    readonly HashSet<Node> nodes;

    Boxes(Graph graph, int first, int end)
    {
        var piece = graph.Nodes.Skip(first).Take(end - first).ToArray();
        nodes = [.. piece];
        readers = graph.Nodes.SelectMany(n => n.In.OfType<Value>().Distinct().Select(v => (v, n)))
            .ToLookup(r => r.v, r => r.n);
        foreach (var n in piece.Where(n => !n.Outs.All(IsStored)))
            Take(n);
        foreach (var v in piece.SelectMany(n => n.Outs).Where(v => !IsStored(v)
            && (graph.Outputs.Contains(v) || readers[v].Any(n => !nodes.Contains(n)))))
            Of(v);
    }

    /// <summary>All that leads somewhere, in order.</summary>
    List<Box> List { get; } = [];

    /// <summary>The boxes of some nodes.</summary>
    public static IReadOnlyList<Box> Of(Graph graph, int first, int end)
    {
        // An attention is given its values after its place in the list.
        var (ordered, seen) = (new List<Box>(), new HashSet<Box>());
        void Visit(Box box)
        {
            if (!seen.Add(box))
                return;
            foreach (var source in box.Ins)
                Visit(source);
            ordered.Add(box);
        }
        foreach (var box in new Boxes(graph, first, end).List)
            Visit(box);
        return ordered;
    }

    void Take(Node n)
    {
        Value[] reads = [.. n.In.OfType<Value>().Where(v => !IsStored(v))];
        if (n.Op is "Conv" or "ConvTranspose")
            Add(n, BoxNames.Conv(n), reads);
        else if (n.Op is "Gemm" or "MatMul" && reads.Length == 1)
            Add(n, BoxNames.Linear(n, IsLearned), reads);
        else if (n.Op == "MatMul")
            Product(n, reads);
        else if (n.Op == "Softmax" && Of(reads[0]) is { Kind: BoxKind.Attention } scores)
        {
            scores.Title = scores.Title.Replace("product", "attention");
            boxOf[n.Out] = scores;
        }
        else if (Norms.TryGetValue(n.Op, out var norm))
            Note(n, norm, reads[0], BoxKind.Norm);
        else if (Views.Contains(n.Op))
            View(n, reads);
        else if (IsUnary(n, reads))
            Follow(n, reads);
        else if (Merges.Contains(n.Op))
            Merge(n, reads);
        else
            Add(n, BoxNames.Other(n), reads);
    }

    void Add(Node n, Box box, Value[] reads)
    {
        box.Ins.AddRange(reads.Select(Of).Distinct());
        List.Add(box);
        foreach (var y in n.Outs)
            boxOf[y] = box;
    }

    /// <summary>Scores, or what they weigh: one box with all that lies between.</summary>
    void Product(Node n, Value[] reads)
    {
        var sources = reads.Select(Of).Distinct().ToArray();
        if (sources.FirstOrDefault(box => box.Kind == BoxKind.Attention) is { } scores
            && !sources.Any(box => box != scores && Before(box).Contains(scores)))
        {
            scores.Ins.AddRange(sources.Where(box => box != scores && !scores.Ins.Contains(box)));
            boxOf[n.Out] = scores;
        }
        else
            Add(n, new(BoxKind.Attention, BoxNames.Heads("product", n)), reads);
    }

    /// <summary>All that leads to a box.</summary>
    static HashSet<Box> Before(Box box)
    {
        var (seen, next) = (new HashSet<Box>(), new Stack<Box>(box.Ins));
        while (next.TryPop(out var source))
            if (seen.Add(source))
                foreach (var before in source.Ins)
                    next.Push(before);
        return seen;
    }

    void View(Node n, Value[] reads)
    {
        if (reads.Length == 0)
            return;
        foreach (var y in n.Outs)
            boxOf[y] = Of(reads[0]);
    }

    /// <summary>A function of each element, or one whose operands are functions of the same value.</summary>
    bool IsUnary(Node n, Value[] reads) => BoxNames.IsAct(n)
        || (n.Op.StartsWith("Reduce", StringComparison.Ordinal) && BoxNames.IsOverChannels(n))
        || (Merges.Contains(n.Op) && n.Op != "Concat" && reads.Select(Root).Distinct().Count() == 1
            && (reads.Length > 1 || n.In.OfType<Value>().All(v => !IsLearned(v) || v == reads[0])));

    void Follow(Node n, Value[] reads)
    {
        var parts = reads.Where(unary.ContainsKey).Select(v => unary[v]).ToArray();
        foreach (var y in n.Outs)
            unary[y] = new(Root(reads[0]), [.. parts.SelectMany(p => p.Nodes).Distinct(), n]);
    }

    Value Root(Value v) => unary.TryGetValue(v, out var f) ? f.Root : v;

    void Merge(Node n, Value[] reads)
    {
        var sources = reads.Select(Of).Distinct().ToArray();
        var isLearned = n.In.OfType<Value>().Any(v => IsStored(v) && IsLearned(v));
        if (sources.Length > 1)
            Add(n, new(BoxKind.Merge, BoxNames.Merge(n)), reads);
        else if (isLearned && !(n.Op == "Add" && sources[0].Kind is BoxKind.Linear or BoxKind.Conv))
            Note(n, BoxNames.Learned(n, sources[0]), reads[0], BoxKind.Act);
        else
            boxOf[n.Out] = sources[0];
    }

    /// <summary>What follows an operator at once is noted there; else it stands alone.</summary>
    void Note(Node n, string note, Value read, BoxKind kind, params HashSet<Node> group)
    {
        var source = Of(read);
        if (source.TakesNotes && readers[read].All(r => r == n || group.Contains(r)))
        {
            if (note.Length > 0)
                source.Notes.Add(note);
            boxOf[n.Out] = source;
        }
        else if (note.Length > 0)
            Add(n, new(kind, note), [read]);
        else
            boxOf[n.Out] = source;
    }

    Box Of(Value v)
    {
        if (boxOf.TryGetValue(v, out var box))
            return box;
        if (unary.TryGetValue(v, out var f))
        {
            Note(v.Producer!, BoxNames.Act(f.Nodes), f.Root, BoxKind.Act, [.. f.Nodes]);
            return boxOf[v];
        }
        box = new(BoxKind.Input, BoxNames.Shape(v));
        List.Insert(0, box);
        return boxOf[v] = box;
    }

    /// <summary>Whether a value follows from weights, constants and sizes alone.</summary>
    bool IsStored(Value v) => stored.TryGetValue(v, out var known) ? known
        : stored[v] = v.Data is not null || v.Type == DType.Int64
            || (v.Producer is { } n && n.In.OfType<Value>().All(IsStored));

    /// <summary>Whether a parameter is in it.</summary>
    static bool IsLearned(Value v) => v.Role == Role.Param
        || (v.Producer is { } n && n.In.OfType<Value>().Any(IsLearned));

    /// <summary>A function of one value, element by element.</summary>
    sealed record Unary(Value Root, Node[] Nodes);
}
