namespace OnnxTimm.Models;

/// <summary>
/// Patches of images of any shape in place of an image: NaFlex's form, in which the images of a batch are padded to
/// one number of patches (timm/models/naflexvit.py).
/// </summary>
/// <param name="Patches">
/// Pixels of each patch [N, L, side * side * C], row by row, their colours side by side; 0 for padding.
/// </param>
/// <param name="Places">Row and column of each patch, as float32 [N, L, 2]; 0 for padding.</param>
/// <param name="Valid">1 for a patch, 0 for padding [N, L].</param>
public sealed record PatchInput(Value Patches, Value Places, Value Valid)
{
    /// <summary>Added to what must not count; half precision does not hold it and leaves it in float32.</summary>
    const double Nothing = -1e30;

    /// <summary>
    /// The inputs <c>patches</c> float32, <c>patch_coord</c> int64 and <c>patch_valid</c> bool of a network.
    /// </summary>
    /// <param name="graph">The network, still empty.</param>
    /// <param name="batch">Images of a call.</param>
    /// <param name="length">Patches of each image, padding included.</param>
    /// <param name="values">Numbers of a patch.</param>
    public static PatchInput Of(Graph graph, Dim batch, Dim length, int values)
    {
        var patches = graph.Input("patches", DType.Float32, new(batch, length, values));
        var places = graph.Input("patch_coord", DType.Int64, new(batch, length, 2)).Cast(DType.Float32);
        var valid = graph.Input("patch_valid", DType.Bool, new(batch, length));
        // What stands in the padding may be anything, also what no product with 0 makes 0.
        Value Known(Value x) => valid.Unsqueeze(2).Where(x, graph.Scalar(0));
        return new(Known(patches), Known(places), valid.Cast(DType.Float32));
    }

    /// <summary>Rows and columns of each image [N, 1, 2]: one more than the largest that a patch has.</summary>
    public Value Grid => Places.ReduceMax([1]) + 1;

    /// <summary>What keeps padding out of attention, to be added to scores: [N, 1, 1, prefix + L].</summary>
    /// <param name="prefix">Learned tokens before the patches, which all may ask.</param>
    public Value KeyMask(int prefix) => Mask(Tokens(prefix, 1));

    /// <summary>The same for who may ask the patches alone.</summary>
    public Value PatchMask(int prefix) => Mask(Tokens(prefix, 0));

    /// <summary>A pool of the patches alone: [N, D].</summary>
    /// <param name="x">Tokens [N, prefix + L, D].</param>
    /// <param name="name">avg, max or avgmax.</param>
    /// <param name="prefix">Learned tokens before the patches.</param>
    public Value Pool(Value x, string name, int prefix)
    {
        var weights = Tokens(prefix, 0).Unsqueeze(2);
        Value Mean() => (x * weights).ReduceSum([1], keepDims: false) / weights.ReduceSum([1], keepDims: false).Max(1);
        Value Max() => (x + (1 - weights) * Nothing).ReduceMax([1], keepDims: false);
        return name switch
        {
            "avg" => Mean(),
            "max" => Max(),
            _ => (Mean() + Max()) * 0.5,
        };
    }

    static Value Mask(Value valid) => ((1 - valid) * Nothing).Unsqueeze(1, 2);

    /// <summary><see cref="Valid"/> behind a number for each of the learned tokens: [N, prefix + L].</summary>
    Value Tokens(int prefix, float number) => prefix == 0 ? Valid
        : new[] { Valid.Graph.Const(Tensor.Filled(number, 1, prefix)).RepeatFor(Valid), Valid }.Concat(1);
}
