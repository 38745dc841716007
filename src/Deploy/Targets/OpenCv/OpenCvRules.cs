namespace OnnxTimm.Deploy;

/// <summary>
/// What OpenCV's dnn does not read, or reads otherwise than ONNX means it, as of 4.6: the oldest that Debian and Ubuntu
/// still have. Clip has its limits as attributes there, which ends with opset 10.
/// </summary>
static class OpenCvRules
{
    const string Page = "https://github.com/opencv/opencv/blob/4.6.0/modules/dnn/src/onnx/onnx_importer.cpp";

    public const int Opset = 10, Ir = 8;

    public static readonly IReadOnlyList<TargetRule> All =
    [
        TargetRule.Opsets(7, Opset, Page),
        TargetRule.NewestIr(Ir, Page),
        TargetRule.FixedSizes(Page),
        TargetRule.Types(Page, DType.Float32, DType.Int64),
        TargetRule.Domains(Page),
        TargetRule.Nodes("LayerNormalization", "norms are primitives", Page, lower: OpenCvForms.LayerNormalization),
        TargetRule.Nodes("Squeeze Unsqueeze Flatten", "axes change by Reshape alone", Page,
            lower: PlainForms.Reshaped),
        TargetRule.Nodes("Tile", "there is no such operator", Page, lower: PlainForms.Tile),
        TargetRule.Nodes("Gather", "an index is one number", Page, lower: PlainForms.Gather),
        TargetRule.Nodes("Expand", "nothing is repeated", Page, lower: PlainForms.Expand),
        TargetRule.Nodes("Max Min", "a limit is a Clip", Page, PlainForms.HasConstant, PlainForms.Limit),
        TargetRule.Nodes("AveragePool", "pads do not count", Page, PlainForms.CountsPads, PlainForms.PadFirst),
        TargetRule.Nodes("Gemm", "an offset is one a column, and the weight's rows are those of the result", Page,
            OpenCvForms.IsOtherGemm, OpenCvForms.Gemm),
        TargetRule.Nodes("MatMul", "a constant is the second factor, and a matrix", Page,
            OpenCvForms.IsOtherProduct, OpenCvForms.Product),
        TargetRule.Nodes("MatMul", "both have the same axes before the last two", Page, OpenCvForms.BroadcastsBatch),
        TargetRule.Nodes("Add Sub Mul Div", "the smaller covers the axes from the second on", Page,
            OpenCvBroadcast.IsOther, OpenCvBroadcast.Lower),
        TargetRule.Nodes("Conv ConvTranspose", "weights are constants", Page, n => n[1].Data is null),
        TargetRule.Operators(OperatorLists.OpenCv, Page),
    ];
}
