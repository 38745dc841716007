using System.Numerics.Tensors;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>Reads an image's features out of a model: where they are is found once.</summary>
sealed class Embedder
{
    readonly int output;
    readonly DType type;
    readonly FeaturePool pool;
    readonly string? refusal;

    /// <param name="model">The model.</param>
    /// <param name="classifies">Whether its first output is classes.</param>
    /// <param name="pool">What becomes of maps and tokens.</param>
    public Embedder(ModelSession model, bool classifies, FeaturePool pool)
    {
        this.pool = pool;
        var outputs = model.Session.Outputs;
        var named = ClassScores.FeaturesAmong(outputs);
        var read = outputs is [{ Shape: { IsKnown: true, Rank: not 2 } }, ..] ? null : model.FeaturesOutput;
        // What an encoder gives is meant, also where a projection is its last layer.
        var found = classifies ? read ?? named : named ?? read ?? (outputs.Count == 1 ? 0 : null);
        output = found ?? 0;
        type = outputs is [] ? DType.Undefined : outputs[output].Type;
        refusal = found is null
            ? $"which of its values are an image's cannot be told: {string.Join(", ", outputs)} do not come from a "
                + "linear layer."
            : type is not (DType.Float32 or DType.Float16) ? $"its output {outputs[output]} is no numbers."
            : outputs[output].Shape is { IsKnown: true, Rank: not (2 or 3 or 4) } ? $"its output {outputs[output]} is "
                + "neither a vector nor a map nor tokens."
            : null;
        refusal = refusal is null ? null : $"\"{model.Name}\" gives no features: {refusal}";
    }

    /// <exception cref="UserException">The model's features cannot be told.</exception>
    public void Check()
    {
        if (refusal is not null)
            throw new UserException(refusal);
    }

    /// <summary>The features of the first image of a batch.</summary>
    public float[] Run(Binding binding)
    {
        Check();
        binding.Run();
        var sizes = binding.OutputShape(output).Skip(1).Select(size => (int)size).ToArray();
        var count = sizes.Aggregate(1, (product, size) => product * size);
        var values = new float[count];
        if (type == DType.Float16)
            TensorPrimitives.ConvertToSingle(binding.Output<Half>(output)[..count], values);
        else
            binding.Output<float>(output)[..count].CopyTo(values);
        return sizes switch
        {
            _ when pool == FeaturePool.None => values,
            [var channels, var height, var width] => Pool(values, channels, height * width, 1, height * width),
            [var tokens, var width] => Pool(values, width, tokens, width, 1),
            _ => values,
        };
    }

    /// <summary>One value of each channel.</summary>
    /// <param name="values">All of an image's.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="places">Places of a map, or tokens.</param>
    /// <param name="step">From one place of a channel to its next.</param>
    /// <param name="next">From one channel to the next.</param>
    float[] Pool(float[] values, int channels, int places, int step, int next)
    {
        var pooled = new float[channels];
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, most = double.NegativeInfinity;
            for (var i = 0; i < places; i++)
            {
                var x = values[c * next + i * step];
                (sum, most) = (sum + x, Math.Max(most, x));
            }
            pooled[c] = pool switch
            {
                FeaturePool.Max => (float)most,
                FeaturePool.Token => values[c * next],
                _ => (float)(sum / places),
            };
        }
        return pooled;
    }
}
