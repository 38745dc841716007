namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// <c>optimizer_model.onnx</c>: one node, which updates all parameters in place. Names and order of the inputs are the
/// runtime's; the outputs have the library's names.
/// </summary>
static class OptimizerModel
{
    public static Graph Of(int opset, AdamWSettings? adamw, double? clip)
    {
        var graph = new Graph("optimizer", opset);
        var rate = graph.Input("learning_rate", DType.Float32, new(1));
        var step = graph.Input("step", DType.Int64, new(1));
        var parameters = graph.SequenceInput("params", DType.Float32);
        var gradients = graph.SequenceInput("gradients", DType.Float32);
        var first = graph.SequenceInput("first_order_moments", DType.Float32);
        var shortened = clip is { } norm ? gradients.InplaceClipGradNorm(norm) : gradients;
        if (adamw is not var (betas, epsilon, decay, mode))
        {
            graph.Output("onnx::update_completed::5", Ops.SGDOptimizerV2(rate, parameters, shortened));
            return graph;
        }
        var second = graph.SequenceInput("second_order_moments", DType.Float32);
        graph.Output("onnx::adamw.updated_flag::5",
            Ops.AdamWOptimizer([rate, step, parameters, shortened, first, second], betas, epsilon, decay, mode));
        return graph;
    }
}
