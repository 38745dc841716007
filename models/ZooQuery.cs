namespace OnnxTimm.Models;

/// <summary>Which models are looked for, and in which order: <see cref="Zoo.Find"/>.</summary>
public sealed record ZooQuery
{
    /// <summary>Wildcards such as "resnet*", one of which fits the name with or without its tag; all names by default.
    /// </summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>Wildcards of names that are left out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>One of timm's modules; all by default.</summary>
    public string Module { get; init; } = "";

    /// <summary>Tags with weights, a row each, in place of names.</summary>
    public bool Pretrained { get; init; }

    /// <summary>Parameters in millions, at least and at most.</summary>
    public (double? Min, double? Max) Params { get; init; }

    /// <summary>Thousands of millions of multiply-accumulates, at least and at most.</summary>
    public (double? Min, double? Max) GMacs { get; init; }

    /// <summary>The largest default image, in pixels.</summary>
    public int? MaxSize { get; init; }

    /// <summary>The lowest published accuracy in per cent.</summary>
    public double? MinTop1 { get; init; }

    /// <summary>Licences of the weights, one of which is theirs; any by default.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>Weights that classify, or that give features: without a head, or with a projection.</summary>
    public bool? Classifies { get; init; }

    /// <summary>
    /// Only networks whose branches an export merges; parameters and work that are asked for are those of the merged
    /// form.
    /// </summary>
    public bool Merged { get; init; }

    /// <summary>The order of the rows.</summary>
    public ZooOrder Order { get; init; } = ZooOrder.Name;

    /// <summary>So many of the first rows; all by default.</summary>
    public int? Top { get; init; }

    /// <summary>Whether what is asked is known of weights only, so that rows are tags.</summary>
    internal bool IsOfTags => Pretrained || Licenses.Count > 0 || MinTop1 is not null || Classifies is not null
        || Order == ZooOrder.Top1;

    internal bool Fits(ZooRow row) => (Module.Length == 0 || row.Module == Module)
        && (!Merged || row.Merged is not null) && IsWithin(ParamsOf(row) / 1e6, Params)
        && IsWithin(GMacsOf(row), GMacs) && !(row.ImgSize > MaxSize) && (MinTop1 is null || row.Top1 >= MinTop1)
        && (Licenses.Count == 0 || Licenses.Contains(row.License, StringComparer.OrdinalIgnoreCase))
        && (Classifies is null || row.Classifies == Classifies)
        && (!IsOfLargest || Largest(row) is not null);

    /// <summary>How rows are sorted; null leaves them by name.</summary>
    internal IComparer<ZooRow>? Comparer => Order switch
    {
        ZooOrder.Params => Comparer<ZooRow>.Create((a, b) => ParamsOf(a).CompareTo(ParamsOf(b))),
        ZooOrder.GMacs => Comparer<ZooRow>.Create((a, b) => GMacsOf(a).CompareTo(GMacsOf(b))),
        _ => IsOfLargest ? Comparer<ZooRow>.Create((a, b) => Nullable.Compare(Largest(b), Largest(a))) : null,
    };

    bool IsOfLargest => Order is ZooOrder.Top1 or ZooOrder.Cpu or ZooOrder.Gpu;

    /// <summary>A published figure of which the largest comes first, and those without it not at all.</summary>
    double? Largest(ZooRow row) => Order switch
    {
        ZooOrder.Top1 => row.Top1,
        ZooOrder.Cpu => row.CpuSpeed,
        _ => row.GpuSpeed,
    };

    long ParamsOf(ZooRow row) => Merged ? row.Merged!.Params : row.Params;

    double GMacsOf(ZooRow row) => Merged ? row.Merged!.GMacs : row.GMacs;

    static bool IsWithin(double value, (double? Min, double? Max) range) =>
        !(value < range.Min) && !(value > range.Max);
}

/// <summary>An order of models.</summary>
public enum ZooOrder
{
    /// <summary>By name, numbers by their value.</summary>
    Name,

    /// <summary>The most accurate first; those without a published accuracy are left out.</summary>
    Top1,

    /// <summary>The fewest parameters first.</summary>
    Params,

    /// <summary>The least work first.</summary>
    GMacs,

    /// <summary>The fastest on a processor first, <see cref="ZooRow.CpuSpeed"/>; those without a figure are left out.
    /// </summary>
    Cpu,

    /// <summary>The fastest on a graphics card first, <see cref="ZooRow.GpuSpeed"/>; those without a figure are left
    /// out.</summary>
    Gpu,
}
