using Microsoft.ML.OnnxRuntime;

namespace OnDevice;

/// <summary>
/// Trains with a set that <c>onnxtimm artifacts</c> wrote, by Microsoft.ML.OnnxRuntime.Training 1.19.2 and nothing else.
/// </summary>
public static class OnDeviceTraining
{
    /// <summary>One epoch; leaves a checkpoint to go on from, and a network to deploy.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="batches">Images [N, C, H, W] as the network wants them, and the class of each.</param>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="rate">Learning rate.</param>
    /// <returns>The loss of the last batch.</returns>
    public static float Train(string folder, IEnumerable<(float[] Images, long[] Labels)> batches, long[] shape, float rate)
    {
        string In(string file) => Path.Combine(folder, file);
        using var state = CheckpointState.LoadCheckpoint(In("checkpoint"));
        using var session = new TrainingSession(
            state, In("training_model.onnx"), In("eval_model.onnx"), In("optimizer_model.onnx"));
        session.SetLearningRate(rate);
        var loss = 0f;
        foreach (var (images, labels) in batches)
        {
            using var image = OrtValue.CreateTensorValueFromMemory(images, shape);
            using var label = OrtValue.CreateTensorValueFromMemory(labels, [labels.Length]);
            using var results = session.TrainStep([image, label]);
            loss = results[0].GetTensorDataAsSpan<float>()[0];
            session.OptimizerStep();
            session.LazyResetGrad();
        }
        CheckpointState.SaveCheckpoint(state, In("trained"), includeOptimizerState: true);
        session.ExportModelForInferencing(In("trained.onnx"), ["logits"]);
        return loss;
    }

    /// <summary>
    /// A mask of dropout or stochastic depth, to be fed behind the labels: in the order and shape of
    /// <c>reference.json</c>, anew for each step.
    /// </summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="ratio">Share of zeros; the rest makes up for them.</param>
    /// <param name="shape">Shape with the batch in it.</param>
    public static OrtValue Mask(Random random, double ratio, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, d) => product * d)];
        foreach (ref var v in values.AsSpan())
            v = random.NextDouble() < ratio ? 0 : (float)(1 / (1 - ratio));
        return OrtValue.CreateTensorValueFromMemory(values, shape);
    }
}
