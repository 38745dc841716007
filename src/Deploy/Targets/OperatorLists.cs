namespace OnnxTimm.Deploy;

/// <summary>Operators that targets take, as their pages list them, as far as graphs have them.</summary>
static class OperatorLists
{
    /// <summary>onnx-tensorrt/docs/operators.md, of TensorRT 10.15.</summary>
    public const string TensorRt =
        "Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Cast CastLike Ceil "
        + "Celu Clip Concat ConstantOfShape Conv ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Div "
        + "Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND Gelu Gemm "
        + "GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization GRU "
        + "HardSigmoid HardSwish Hardmax Identity InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu "
        + "Less LessOrEqual Log LogSoftmax LRN LSTM LpNormalization LpPool MatMul Max MaxPool Mean "
        + "MeanVarianceNormalization Min Mish Mod Mul Neg Not OneHot Or Pad Pow PRelu QuantizeLinear Reciprocal "
        + "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
        + "ReduceSumSquare Relu Reshape Resize RMSNormalization Round ScatterElements ScatterND Selu Shape Shrink "
        + "Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan "
        + "Tanh Tile TopK Transpose Unsqueeze Where Xor";

    /// <summary>openvino/src/frontends/onnx/docs/supported_ops.md, those with a supported version.</summary>
    public const string OpenVino =
        "Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization BitwiseAnd "
        + "BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu CenterCropPad Clip Concat ConstantOfShape Conv "
        + "ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear "
        + "Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm "
        + "GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization "
        + "HardSigmoid HardSwish Hardmax Identity InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization "
        + "LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization MatMul MatMulInteger Max MaxPool Mean "
        + "MeanVarianceNormalization Min Mish Mod Mul Neg Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul "
        + "QuantizeLinear RMSNormalization Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax "
        + "ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize Round ScatterElements "
        + "ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split "
        + "Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu Tile TopK Transpose Unsqueeze Where Xor";

    /// <summary>onnxruntime's tools/ci_build/github/apple/coreml_supported_mlprogram_ops.md.</summary>
    public const string CoreMl =
        "Add ArgMax AveragePool Cast Ceil Clip Concat Conv ConvTranspose Cos DepthToSpace Div Elu Erf Exp GatherND "
        + "Gelu Gemm GlobalAveragePool GlobalMaxPool GridSample GroupNormalization HardSigmoid Identity "
        + "InstanceNormalization LayerNormalization LeakyRelu MatMul Max MaxPool Mul PRelu Pow Range Reciprocal "
        + "ReduceMax ReduceMean ReduceSum Relu Reshape Resize Round Shape Sigmoid Sin Slice Softmax Softplus Split "
        + "Sqrt Squeeze Sub Tanh Tile Transpose Unsqueeze";

    /// <summary>onnxruntime's page of the provider for QNN.</summary>
    public const string Qnn =
        "Abs Add And ArgMax ArgMin Asin Atan AveragePool BatchNormalization Cast Clip Concat Conv ConvTranspose Cos "
        + "DepthToSpace DequantizeLinear Div Elu Equal Exp Expand Flatten Floor Gather Gelu Gemm GlobalAveragePool "
        + "Greater GreaterOrEqual GridSample HardSwish InstanceNormalization LRN LayerNormalization LeakyRelu Less "
        + "LessOrEqual Log LogSoftmax LpNormalization MatMul Max MaxPool Min Mul Neg Not Or PRelu Pad Pow "
        + "QuantizeLinear ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Resize Round Sigmoid Sign "
        + "Sin Slice Softmax SpaceToDepth Split Sqrt Squeeze Sub Tanh Tile TopK Transpose Unsqueeze Where";

    /// <summary>
    /// opencv/modules/dnn/src/onnx/onnx_importer.cpp of 4.6.0, but for comparisons and recurrent layers, which it reads
    /// with limits that no graph here has been held against.
    /// </summary>
    public const string OpenCv =
        "Abs Add AveragePool BatchNormalization Ceil Celu Clip Concat Conv ConvTranspose Cos Cosh DepthToSpace Div "
        + "Elu Erf Exp Floor Gemm GlobalAveragePool GlobalMaxPool HardSigmoid Identity InstanceNormalization LRN "
        + "LeakyRelu Log LogSoftmax MatMul Max MaxPool Min Mul Neg PRelu Pad Pow Reciprocal ReduceL1 ReduceL2 "
        + "ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare Relu Reshape Resize Round Selu Sigmoid Sign Sin "
        + "Sinh Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Sub Tan Tanh Transpose";
}
