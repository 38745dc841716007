namespace OnnxTimm.Deploy;

/// <summary>The targets that have a name.</summary>
public static class TargetTable
{
    const string Versions = "https://onnxruntime.ai/docs/reference/compatibility.html";
    const string Web = "https://onnxruntime.ai/docs/tutorials/web/large-models.html";
    const string TensorRt = "https://github.com/onnx/onnx-tensorrt/blob/main/docs/operators.md";
    const string OpenVino =
        "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/docs/supported_ops.md";
    const string CoreMl = "https://onnxruntime.ai/docs/execution-providers/CoreML-ExecutionProvider.html";
    const string Qnn = "https://onnxruntime.ai/docs/execution-providers/QNN-ExecutionProvider.html";

    /// <summary>All targets: a new one is a row here, or an object of one's own.</summary>
    public static readonly IReadOnlyList<Target> All =
    [
        Ort("ort", "ONNX Runtime 1.31 and later", 26, 13, "ONNX Runtime 1.31.1") with { Antialiases = true },
        Ort("ort-1.19", "ONNX Runtime 1.19 and later", 21, 10, "onnxruntime-node 1.19.0",
            TargetRule.NewestIr(10, Versions)) with { Antialiases = true },
        Ort("ort-1.14", "ONNX Runtime 1.14 and later", 18, 8, "onnxruntime-node 1.14.0",
            TargetRule.NewestIr(8, Versions)),
        Ort("ort-1.10", "ONNX Runtime 1.10 and later", 15, 8, "onnxruntime-node 1.10.0",
            TargetRule.NewestIr(8, Versions)),
        Ort("ort-web", "onnxruntime-web 1.14 and later, as WebAssembly", 18, 8, "onnxruntime-web 1.14.0",
            TargetRule.NewestIr(8, Versions), TargetRule.Content(1_500_000_000, Web)),
        Ort("arm64", "ONNX Runtime 1.31 on arm64 processors", 26, 13, "") with { Antialiases = true },
        new("tensorrt", "TensorRT 10.15 and later", 24, 12)
        {
            Rules =
            [
                TargetRule.Opsets(9, 24, TensorRt),
                TargetRule.NewestIr(12, TensorRt),
                TargetRule.Domains(TensorRt),
                TargetRule.Operators(OperatorLists.TensorRt, TensorRt),
                TargetRule.Nodes("AveragePool MaxPool", "pools have two or three axes and no dilations", TensorRt,
                    n => n[0].Shape.Rank is not (4 or 5) || n.Ints("dilations")?.Any(d => d != 1) == true),
                TargetRule.Nodes("Resize", "there are nearest and linear, without antialias", TensorRt,
                    n => n.Text("mode", "nearest") is not ("nearest" or "linear") || n.Int("antialias") == 1),
                TargetRule.Nodes("ScatterElements ScatterND", "there is no reduction", TensorRt,
                    n => n.Text("reduction", "none") != "none"),
                TargetRule.Nodes("LayerNormalization", "there is one output", TensorRt, n => n.Outs.Length > 1),
            ],
        },
        new("openvino", "OpenVINO 2025 and later", 23, 11)
        {
            Rules =
            [
                TargetRule.Opsets(7, 23, OpenVino),
                TargetRule.NewestIr(11, OpenVino),
                TargetRule.Domains(OpenVino),
                TargetRule.Operators(OperatorLists.OpenVino, OpenVino),
            ],
        },
        new("opencv", "OpenCV's dnn 4.6 and later", OpenCvRules.Opset, OpenCvRules.Ir)
        {
            BatchSize = 1,
            Tried = "OpenCV 4.6.0",
            Rules = OpenCvRules.All,
        },
        new("coreml-ep", "ONNX Runtime's provider for Core ML, as ML program, all of it", 21, 10)
        {
            BatchSize = 1,
            Rules =
            [
                TargetRule.Opsets(7, 21, Versions),
                TargetRule.NewestIr(10, Versions),
                TargetRule.FixedSizes(CoreMl),
                TargetRule.Domains(CoreMl),
                TargetRule.Nodes("Flatten", "there is no such operator", CoreMl, lower: PlainForms.Reshaped),
                TargetRule.Nodes("Gather", "there is no such operator", CoreMl, lower: PlainForms.Gather),
                TargetRule.Nodes("Expand", "there is no such operator", CoreMl, lower: PlainForms.Expand),
                TargetRule.Nodes("Min", "there is no such operator", CoreMl, PlainForms.HasConstant, PlainForms.Limit),
                TargetRule.Nodes("ReduceL2", "there is no such operator", CoreMl, lower: PlainForms.ReduceL2),
                TargetRule.Nodes("Gemm", "the second factor is a constant", CoreMl, n => n[1].Data is null),
                TargetRule.Nodes("Conv ConvTranspose", "weights are constants", CoreMl, n => n[1].Data is null),
                TargetRule.Nodes("AveragePool MaxPool GlobalAveragePool GlobalMaxPool", "pools have two axes", CoreMl,
                    n => n[0].Shape.Rank != 4),
                TargetRule.Operators(OperatorLists.CoreMl, CoreMl),
            ],
        },
        new("qnn", "ONNX Runtime's provider for Qualcomm's processors, all of it", 21, 10)
        {
            BatchSize = 1,
            // The error function is no operator there, but GELU is, from opset 20 on.
            Usual = 20,
            Rules =
            [
                TargetRule.Opsets(7, 21, Versions),
                TargetRule.NewestIr(10, Versions),
                TargetRule.FixedSizes(Qnn),
                TargetRule.Domains(Qnn, "com.microsoft"),
                TargetRule.Nodes("HardSigmoid", "there is no such operator", Qnn, lower: PlainForms.HardSigmoid),
                TargetRule.Nodes("Reciprocal", "there is no such operator", Qnn, lower: PlainForms.Reciprocal),
                TargetRule.Nodes("ReduceL2", "there is no such operator", Qnn, lower: PlainForms.ReduceL2),
                TargetRule.Operators(OperatorLists.Qnn, Qnn),
                TargetRule.Nodes("Gather", "indices count from the front", Qnn, PlainForms.CountsFromEnd,
                    PlainForms.FromFront),
            ],
        },
    ];

    /// <exception cref="UserException">There is none of that name.</exception>
    public static Target Named(string name) => All.FirstOrDefault(t => t.Name == name)
        ?? throw Nearest.Unknown("target", name, All.Select(t => t.Name));

    static Target Ort(string name, string runs, int opset, int ir, string tried, params TargetRule[] more) =>
        new(name, runs, opset, ir)
        {
            Tried = tried,
            Rules =
            [
                TargetRule.Opsets(7, opset, Versions),
                TargetRule.Domains(Versions, "com.microsoft"),
                .. more,
            ],
        };
}
