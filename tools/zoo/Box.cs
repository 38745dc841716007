namespace OnnxTimm.ZooTools;

/// <summary>What a box of a diagram stands for; its colour.</summary>
enum BoxKind
{
    /// <summary>What the block is given.</summary>
    Input,
    Conv,
    Linear,
    Attention,
    Pool,
    Norm,
    Act,

    /// <summary>A sum, a product, a joining.</summary>
    Merge,
    Other,
}

/// <summary>An operator of a diagram with what follows it at once.</summary>
/// <param name="kind">What it is.</param>
/// <param name="title">Operator with kernel and stride, such as "conv 3×3 /2".</param>
sealed class Box(BoxKind kind, string title)
{
    public BoxKind Kind => kind;

    public string Title { get; set; } = title;

    /// <summary>Channels that it gives; 0 where they are not worth saying.</summary>
    public long Width { get; init; }

    /// <summary>Norms, activations and scales behind it.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>What it reads, in order.</summary>
    public List<Box> Ins { get; } = [];

    /// <summary>Whether norms and activations are noted in it and have no box of their own.</summary>
    public bool TakesNotes => kind is not (BoxKind.Input or BoxKind.Merge);

    public override string ToString() => $"{kind} {Title} {string.Join(' ', Notes)}";
}
