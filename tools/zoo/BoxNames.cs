namespace OnnxTimm.ZooTools;

/// <summary>What the boxes of a diagram are called.</summary>
static class BoxNames
{
    static readonly Dictionary<string, string> Acts = new()
    {
        { "Relu", "ReLU" }, { "LeakyRelu", "LeakyReLU" }, { "Gelu", "GELU" }, { "Sigmoid", "sigmoid" },
        { "HardSigmoid", "hard sigmoid" }, { "HardSwish", "hard swish" }, { "Tanh", "tanh" }, { "Elu", "ELU" },
        { "Softplus", "softplus" }, { "Clip", "ReLU6" }, { "Exp", "exp" }, { "Sqrt", "" }, { "Erf", "GELU" },
        { "PRelu", "PReLU" }, { "Mish", "Mish" }, { "Softmax", "softmax" }, { "Neg", "" }, { "Abs", "" },
        { "Reciprocal", "" }, { "Log", "log" },
    };

    static readonly Dictionary<string, string> Merges = new()
    {
        { "Add", "+" }, { "Sum", "+" }, { "Sub", "−" }, { "Mul", "×" }, { "Div", "÷" }, { "Concat", "concat" },
    };

    public static bool IsAct(Node n) => Acts.ContainsKey(n.Op);

    /// <summary>Whether a reduction is one over the channels of tokens: a part of a norm.</summary>
    public static bool IsOverChannels(Node n) => n.Int("keepdims", 1) == 1
        && (n.ConstInts(1) ?? n.Ints("axes")) is [var axis] && (axis == -1 || axis == n[0].Shape.Rank - 1);

    public static Box Conv(Node n)
    {
        var (kernel, groups) = (n[1].Shape, n.Int("group", 1));
        var channels = n.Out.Shape[1].Size;
        var sides = kernel.Skip(2).Select(d => d.Size).ToArray();
        var strides = n.Ints("strides") ?? [1];
        var dilations = n.Ints("dilations") ?? [1];
        var name = n.Op == "ConvTranspose" ? "transposed" : groups > 1 && groups == channels ? "depthwise" : "conv";
        return new(BoxKind.Conv, $"{name} {string.Join('×', sides)}"
            + (strides.Max() > 1 ? $" /{strides.Max()}" : "")
            + (dilations.Max() > 1 ? $", dilated {dilations.Max()}" : ""))
        {
            Width = channels,
            Notes = [.. groups > 1 && groups != channels ? [$"{groups} groups"] : (string[])[]],
        };
    }

    public static Box Linear(Node n, Func<Value, bool> isLearned) => n.In.OfType<Value>().Any(isLearned)
        ? new(BoxKind.Linear, "linear") { Width = n.Out.Shape[-1].IsFixed ? n.Out.Shape[-1].Size : 0 }
        : new(BoxKind.Other, "resample");

    public static Box Other(Node n) => n.Op switch
    {
        "MaxPool" => Pool(n, "max pool"),
        "AveragePool" => Pool(n, "mean pool"),
        "GlobalAveragePool" or "ReduceMean" => new(BoxKind.Pool, "mean"),
        "GlobalMaxPool" or "ReduceMax" => new(BoxKind.Pool, "max"),
        "ReduceSum" => new(BoxKind.Pool, "sum"),
        "Resize" => new(BoxKind.Other, "resize"),
        _ => new(BoxKind.Other, n.Op),
    };

    /// <summary>An attention with its heads, where they are an axis.</summary>
    public static string Heads(string name, Node n) =>
        n.Out.Shape is { Rank: >= 4 } shape && shape[-3] is { IsFixed: true, Size: > 1 } heads
            ? $"{name}, {heads.Size} heads" : name;

    public static string Merge(Node n) => Merges.GetValueOrDefault(n.Op, n.Op.ToLowerInvariant());

    /// <summary>What learned values do to what a box gives.</summary>
    public static string Learned(Node n, Box source) => (n.Op, source.Kind) switch
    {
        ("Mul" or "Div", BoxKind.Attention) => "",
        ("Mul" or "Div", _) => "scale",
        ("Concat", _) => "class token",
        (_, BoxKind.Attention) => "relative positions",
        _ => "positions",
    };

    /// <summary>The name of an activation from the nodes that make it.</summary>
    public static string Act(Node[] nodes)
    {
        bool Has(string op) => nodes.Any(n => n.Op == op);
        return Has("Mul") && Has("Softplus") && Has("Tanh") ? "Mish"
            : Has("Erf") || (Has("Mul") && Has("Tanh")) ? "GELU"
            : nodes.Length == 2 && Has("Mul") && Has("Sigmoid") ? "SiLU"
            : Has("Mul") && Has("Sigmoid") ? "quick GELU"
            : Has("Mul") && Has("HardSigmoid") ? "hard swish"
            : nodes.Any(n => n.Op.StartsWith("Reduce", StringComparison.Ordinal)) ? "norm"
            : string.Join(' ', nodes.Select(n => Acts.GetValueOrDefault(n.Op, "")).Where(name => name.Length > 0));
    }

    /// <summary>The sizes behind the batch: height × width × channels of a map, tokens × width of others.</summary>
    public static string Shape(Value v)
    {
        var sizes = v.Shape.Skip(1).Select(d => d.IsFixed ? $"{d.Size}" : "n").ToArray();
        return v.Shape.Rank == 4 && v.Layout != Layout.ChannelsLast ? $"{sizes[1]}×{sizes[2]}×{sizes[0]}"
            : string.Join('×', sizes);
    }

    static Box Pool(Node n, string name)
    {
        var stride = (n.Ints("strides") ?? [1]).Max();
        return new(BoxKind.Pool,
            $"{name} {string.Join('×', n.Ints("kernel_shape")!)}" + (stride > 1 ? $" /{stride}" : ""));
    }
}
