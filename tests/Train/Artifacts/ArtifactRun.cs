using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxTimm.Onnx;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>
/// Trains with a set in a build for inference: gradients come out, and the runtime's optimizer is done here by its
/// formulas. Weights lie in memory that is fed at each step.
/// </summary>
sealed class ArtifactRun : IDisposable
{
    const int Batch = 8;

    readonly ArtifactSet set;
    readonly InferenceSession training, eval;
    readonly (string Weight, string Value)[] moves;

    public ArtifactRun(ArtifactSet set)
    {
        this.set = set;
        moves = [.. Accumulators.Of(set.Training)];
        training = Open(Accumulators.Remove(set.Training));
        eval = Open(set.Eval);
        Weights = set.Checkpoint.Tensors.ToDictionary(t => t.Key, t => t.Value.ToFloats());
        Moments = set.Checkpoint.Trainable.ToDictionary(t => t.Key, t =>
            (new float[t.Value.Count], new float[t.Value.Count]));
    }

    public Dictionary<string, float[]> Weights { get; }

    /// <summary>Inputs that are not drawn.</summary>
    public Dictionary<string, float[]> Fixed { get; } = [];

    public Dictionary<string, (float[] First, float[] Second)> Moments { get; }

    /// <summary>
    /// Loss, logits where they are given, and gradients by the names of the parameters; moves the statistics.
    /// </summary>
    public Dictionary<string, float[]> TrainStep(int step)
    {
        var outputs = Run(training, step);
        foreach (var (weight, value) in moves)
        {
            if (Moments.ContainsKey(weight))
                outputs[weight] = outputs[value];
            else
                outputs[value].CopyTo(Weights[weight], 0);
        }
        return outputs;
    }

    public float EvalStep(int step) => Run(eval, step)[ArtifactLoss.Output][0];

    /// <summary>AdamW in mode 1, without decay: moments corrected by way of the rate.</summary>
    public void AdamW(Dictionary<string, float[]> gradients, int step, double rate, double epsilon)
    {
        var corrected = rate * Math.Sqrt(1 - Math.Pow(0.999, step)) / (1 - Math.Pow(0.9, step));
        foreach (var (name, (m, v)) in Moments)
            for (var i = 0; i < m.Length; i++)
            {
                var g = gradients[name][i];
                m[i] = 0.9f * m[i] + 0.1f * g;
                v[i] = 0.999f * v[i] + 0.001f * g * g;
                Weights[name][i] -= (float)(corrected * m[i] / (Math.Sqrt(v[i]) + epsilon));
            }
    }

    /// <summary>Plain SGD over gradients that are shortened to a norm.</summary>
    public void Sgd(Dictionary<string, float[]> gradients, double rate, double norm)
    {
        var length = Math.Sqrt(Moments.Keys.Sum(name => gradients[name].Sum(g => (double)g * g)));
        var scale = rate * Math.Min(1, norm / (length + 1e-6));
        foreach (var name in Moments.Keys)
            for (var i = 0; i < Weights[name].Length; i++)
                Weights[name][i] -= (float)(scale * gradients[name][i]);
    }

    public void Dispose()
    {
        training.Dispose();
        eval.Dispose();
    }

    static InferenceSession Open(Graph graph)
    {
        using var options = Ort.Options(GraphOptimizationLevel.ORT_ENABLE_ALL);
        return new(OnnxFile.ToBytes(graph), options);
    }

    Dictionary<string, float[]> Run(InferenceSession session, int step)
    {
        var feeds = session.InputMetadata.ToDictionary(input => input.Key, input => Feed(input.Key, input.Value, step));
        using var run = new RunOptions();
        using var results = session.Run(run, feeds, session.OutputNames);
        var outputs = session.OutputNames.Zip(results).ToDictionary(o => o.First, o =>
            o.Second.GetTensorDataAsSpan<float>().ToArray());
        foreach (var value in feeds.Values)
            value.Dispose();
        return outputs;
    }

    OrtValue Feed(string name, NodeMetadata type, int step)
    {
        long[] shape = [.. type.Dimensions.Select(d => d < 0 ? Batch : (long)d)];
        if (Weights.TryGetValue(name, out var weight) || Fixed.TryGetValue(name, out weight))
            return OrtValue.CreateTensorValueFromMemory(weight, shape);
        var u = Fill.Uniform($"{name}.{step}", shape.Aggregate(1L, (product, d) => product * d));
        return type.ElementDataType == TensorElementType.Int64
            ? OrtValue.CreateTensorValueFromMemory([.. u.Select(v =>
                (long)MathF.Floor((v + 1) * 0.5f * set.Classes))], shape)
            : OrtValue.CreateTensorValueFromMemory(u, shape);
    }
}
