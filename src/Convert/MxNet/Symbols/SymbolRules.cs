using System.Collections.Frozen;

namespace OnnxTimm.Conversion;

/// <summary>
/// What every operator of MXNet is in the operators of a graph: one row an operator, with its old names. Defaults are
/// MXNet's, since files leave them out (the parameter structures below src/operator of MXNet). What takes more than a
/// line is a method in the file of its theme.
/// </summary>
static partial class SymbolRules
{
    delegate Value Rule(SymbolCall c);

    static readonly FrozenDictionary<string, Rule> Rules =
        new[] { Layers, Elementwise, Arithmetic, Scalars, Reductions, Layout }
            .SelectMany(table => table)
            .SelectMany(row => row.Ops.Split(' ').Select(op => KeyValuePair.Create(op, row.Rule)))
            .ToDictionary().ToFrozenDictionary();

    /// <summary>Operators with several outputs.</summary>
    static readonly FrozenDictionary<string, Func<SymbolCall, Value[]>> ManyRules =
        new Dictionary<string, Func<SymbolCall, Value[]>>
        {
            { "SliceChannel", SliceChannel },
            { "split",        SliceChannel },
        }.ToFrozenDictionary();

    /// <summary>Operators that have a rule.</summary>
    public static IEnumerable<string> Known => [.. Rules.Keys, .. ManyRules.Keys];

    public static bool Knows(string op) => Rules.ContainsKey(op) || ManyRules.ContainsKey(op);

    public static Value[] Emit(SymbolCall c) =>
        ManyRules.TryGetValue(c.Node.Op, out var many) ? many(c) : [Rules[c.Node.Op](c)];

    static (string Ops, Rule Rule)[] Layers =>
    [
        ("Convolution Convolution_v1",          Convolution),
        ("Deconvolution",                       Deconvolution),
        ("FullyConnected",                      FullyConnected),
        ("Embedding",                           Embedding),
        ("BatchNorm BatchNorm_v1 CuDNNBatchNorm", BatchNorm),
        ("InstanceNorm",                        InstanceNorm),
        ("LayerNorm",                           LayerNorm),
        ("L2Normalization",                     L2Normalization),
        ("LRN",                                 LocalResponseNorm),
        ("Dropout",                             Dropout),
        ("Pooling",                             Pooling),
        ("_contrib_AdaptiveAvgPooling2D",       AdaptivePooling),
        ("UpSampling",                          UpSampling),
        ("SoftmaxOutput Softmax",               SoftmaxOutput),
        ("SoftmaxActivation",                   c => c.Choice("mode", "instance", SoftmaxModes)(c[0])),
        ("LogisticRegressionOutput",            c => c[0].Sigmoid()),
        ("LinearRegressionOutput MAERegressionOutput SVMOutput", c => c[0]),
    ];

    static (string Ops, Rule Rule)[] Elementwise =>
    [
        ("Activation",                          c => c.Choice("act_type", null, Activations)(c[0])),
        ("LeakyReLU",                           LeakyRelu),
        ("relu",                                c => c[0].Relu()),
        ("sigmoid",                             c => c[0].Sigmoid()),
        ("hard_sigmoid",                        c => c[0].HardSigmoid(c.Float("alpha", 0.2), c.Float("beta", 0.5))),
        ("tanh",                                c => c[0].Tanh()),
        ("softsign",                            c => Softsign(c[0])),
        ("exp",                                 c => c[0].Exp()),
        ("expm1",                               c => c[0].Exp() - 1),
        ("log",                                 c => c[0].Log()),
        ("log1p",                               c => (c[0] + 1).Log()),
        ("sqrt",                                c => c[0].Sqrt()),
        ("rsqrt",                               c => c[0].Sqrt().Reciprocal()),
        ("square",                              c => c[0] * c[0]),
        ("abs",                                 c => c[0].Abs()),
        ("sign",                                c => c[0].Sign()),
        ("floor",                               c => c[0].Floor()),
        ("ceil",                                c => c[0].Ceil()),
        ("negative _neg",                       c => -c[0]),
        ("reciprocal",                          c => c[0].Reciprocal()),
        ("erf",                                 c => c[0].Erf()),
        ("sin",                                 c => c[0].Sin()),
        ("cos",                                 c => c[0].Cos()),
        ("clip",                                c => c[0].Clip(c.Float("a_min"), c.Float("a_max"))),
        ("softmax",                             c => Tempered(c).Softmax((int)c.Int("axis", -1))),
        ("softmin",                             c => (-Tempered(c)).Softmax((int)c.Int("axis", -1))),
        ("log_softmax",                         c => Tempered(c).LogSoftmax((int)c.Int("axis", -1))),
        ("Cast cast",                           c => c[0].Cast(c.Choice("dtype", null, Types))),
        ("_copy identity BlockGrad stop_gradient MakeLoss make_loss IdentityAttachKLSparseReg", c => c[0]),
    ];

    static (string Ops, Rule Rule)[] Arithmetic =>
    [
        ("elemwise_add broadcast_add broadcast_plus _Plus _plus _add _grad_add", c => c[0] + c[1]),
        ("elemwise_sub broadcast_sub broadcast_minus _Minus _minus _sub",        c => c[0] - c[1]),
        ("elemwise_mul broadcast_mul _Mul _mul",                                 c => c[0] * c[1]),
        ("elemwise_div broadcast_div _Div _div",                                 c => c[0] / c[1]),
        ("broadcast_power _power _Power",       c => c[0].Pow(c[1])),
        ("broadcast_maximum _maximum _Maximum", c => c[0].Max(c[1])),
        ("broadcast_minimum _minimum _Minimum", c => c[0].Min(c[1])),
        ("broadcast_equal _equal _Equal",       c => Truth(c, c[0].Equal(c[1]))),
        ("broadcast_not_equal _not_equal _Not_Equal", c => 1 - Truth(c, c[0].Equal(c[1]))),
        ("broadcast_greater _greater _Greater", c => Truth(c, c[0].Greater(c[1]))),
        ("broadcast_lesser _lesser _Lesser",    c => Truth(c, c[0].Less(c[1]))),
        ("broadcast_greater_equal _greater_equal _Greater_Equal", c => 1 - Truth(c, c[0].Less(c[1]))),
        ("broadcast_lesser_equal _lesser_equal _Lesser_Equal", c => 1 - Truth(c, c[0].Greater(c[1]))),
        ("add_n ElementWiseSum",                c => c.All.Aggregate((sum, x) => sum + x)),
        ("where",                               c => c[0].Cast(DType.Bool).Where(c[1], c[2])),
        ("dot",                                 Dot),
        ("batch_dot",                           Dot),
    ];

    static (string Ops, Rule Rule)[] Scalars =>
    [
        ("_plus_scalar _PlusScalar",            c => c[0] + c.Float("scalar", 1)),
        ("_minus_scalar _MinusScalar",          c => c[0] - c.Float("scalar", 1)),
        ("_rminus_scalar _RMinusScalar",        c => c.Float("scalar", 1) - c[0]),
        ("_mul_scalar _MulScalar",              c => c[0] * c.Float("scalar", 1)),
        ("_div_scalar _DivScalar",              c => c[0] / c.Float("scalar", 1)),
        ("_rdiv_scalar _RDivScalar",            c => c.Float("scalar", 1) / c[0]),
        ("_power_scalar _PowerScalar",          c => c[0].Pow(c.Float("scalar", 1))),
        ("_rpower_scalar _RPowerScalar",        c => Scalar(c).Pow(c[0])),
        ("_maximum_scalar _MaximumScalar",      c => c[0].Max(c.Float("scalar", 1))),
        ("_minimum_scalar _MinimumScalar",      c => c[0].Min(c.Float("scalar", 1))),
        ("_equal_scalar _EqualScalar",          c => Truth(c, c[0].Equal(Scalar(c)))),
        ("_not_equal_scalar _NotEqualScalar",   c => 1 - Truth(c, c[0].Equal(Scalar(c)))),
        ("_greater_scalar _GreaterScalar",      c => Truth(c, c[0].Greater(Scalar(c)))),
        ("_lesser_scalar _LesserScalar",        c => Truth(c, c[0].Less(Scalar(c)))),
        ("_greater_equal_scalar _GreaterEqualScalar", c => 1 - Truth(c, c[0].Less(Scalar(c)))),
        ("_lesser_equal_scalar _LesserEqualScalar", c => 1 - Truth(c, c[0].Greater(Scalar(c)))),
    ];

    static (string Ops, Rule Rule)[] Reductions =>
    [
        ("sum sum_axis",                        c => Reduced(c, (x, axes) => x.ReduceSum(axes))),
        ("mean",                                c => Reduced(c, (x, axes) => x.ReduceMean(axes))),
        ("max max_axis",                        c => Reduced(c, (x, axes) => x.ReduceMax(axes))),
        ("min min_axis",                        c => Reduced(c, (x, axes) => -(-x).ReduceMax(axes))),
        ("norm",                                Norm),
    ];

    static (string Ops, Rule Rule)[] Layout =>
    [
        ("Flatten flatten",                     c => c[0].Flatten()),
        ("Reshape reshape",                     Reshape),
        ("reshape_like",                        c => c[0].Reshape(c[1].Shape)),
        ("transpose",                           Transpose),
        ("SwapAxis swapaxes",                   SwapAxis),
        ("expand_dims",                         c => c[0].Unsqueeze(c.Int("axis"))),
        ("squeeze",                             Squeeze),
        ("Concat concat",                       Concat),
        ("stack",                               Stack),
        ("slice crop",                          Slice),
        ("slice_axis",                          SliceAxis),
        ("slice_like",                          SliceLike),
        ("Crop",                                Crop),
        ("Pad pad",                             Pad),
        ("tile",                                Tile),
        ("depth_to_space",                      c => c[0].DepthToSpace((int)c.Int("block_size"))),
        ("space_to_depth",                      c => c[0].SpaceToDepth((int)c.Int("block_size"))),
    ];
}
