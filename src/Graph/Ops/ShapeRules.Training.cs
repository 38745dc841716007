namespace OnnxTimm;

static partial class ShapeRules
{
    /// <summary>
    /// Operators of the builds for training, of which those for inference know none. A flag says that the work is done.
    /// </summary>
    static (string Ops, Rule Rule)[] Training =>
    [
        ("InPlaceAccumulatorV2 AdamWOptimizer", (_, _) => One(DType.Bool, new(1))),
        // The kernel gives [1], its shape inference [], and the build for the web dies of a declaration that differs.
        ("SGDOptimizerV2", (_, _) => One(DType.Bool, Shape.Unknown)),
        ("InplaceClipGradNorm", (n, _) => One(n[0].Type, Shape.Unknown)),
    ];
}
