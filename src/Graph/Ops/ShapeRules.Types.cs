namespace OnnxTimm;

static partial class ShapeRules
{
    /// <summary>
    /// Operators of other people's files whose results have another type than their first input. Their shapes depend on
    /// content, or nobody here asks for them.
    /// </summary>
    static (string Ops, Rule Rule)[] Types =>
    [
        ("NonZero NonMaxSuppression SequenceLength StringSplit", (_, outputs) => Unshaped(DType.Int64, outputs)),
        ("MatMulInteger", (n, _) => One(DType.Int32,
            n[0].Shape.IsKnown && n[1].Shape.IsKnown ? Product(n) : Shape.Unknown)),
        ("Multinomial", (n, outputs) => Unshaped(Wanted(n, DType.Int32), outputs)),
        ("QLinearMatMul", (n, outputs) => Unshaped(n[7].Type, outputs)),
        ("TfIdfVectorizer", (_, outputs) => Unshaped(DType.Float32, outputs)),
        ("ImageDecoder", (_, outputs) => Unshaped(DType.UInt8, outputs)),
        ("RegexFullMatch OptionalHasElement", (_, outputs) => Unshaped(DType.Bool, outputs)),
        ("EyeLike", (n, _) => One(Wanted(n, n[0].Type), n[0].Shape)),
        ("RandomNormal RandomUniform", (n, _) => One(Wanted(n, DType.Float32), n.Ints("shape")!)),
        ("Range", (n, _) => One(n[0].Type, Shape.Unknown)),
        ("Unique", (n, outputs) => [(n[0].Type, Shape.Unknown), .. Unshaped(DType.Int64, outputs)]),
    ];

    static DType Wanted(Node n, DType otherwise) => (DType)n.Int("dtype", (long)otherwise);

    static IEnumerable<(DType, Shape)> Unshaped(DType type, int outputs) =>
        Enumerable.Repeat((type, Shape.Unknown), outputs);
}
