namespace OnnxTimm.Train;

/// <summary>Something that is done to the gradients of an update before the optimizer gets them.</summary>
/// <param name="parameters">The parameters.</param>
/// <param name="gradients">
/// Their gradients, which may be changed; those of frozen parameters are not among them.
/// </param>
/// <param name="scale">Factor that the gradients are to be multiplied by.</param>
/// <returns>The factor that is still to be applied.</returns>
public delegate double GradientStep(FlatTensors parameters, FlatTensors gradients, double scale);

/// <summary>The gradient steps that timm has.</summary>
public static class GradientSteps
{
    /// <summary>Clipping; see <see cref="GradientClip"/>.</summary>
    /// <param name="mode">norm, value or agc.</param>
    /// <param name="limit">Norm, value, or ratio of gradient to parameter.</param>
    /// <param name="spared">Parameters that agc leaves alone.</param>
    public static GradientStep Clip(string mode, double limit, IReadOnlyCollection<string> spared) =>
        (parameters, gradients, scale) => GradientClip.Apply(mode, limit, parameters, gradients, spared, scale);

    /// <summary>The mean over all machines of a world.</summary>
    public static GradientStep Average(IWorld world) => (_, gradients, scale) =>
    {
        world.Sum(gradients.All.Span);
        return scale / world.Size;
    };
}

/// <summary>The processes that train one network together.</summary>
public interface IWorld
{
    /// <summary>Number of this process, from 0; the first one writes files.</summary>
    int Rank { get; }

    /// <summary>How many they are.</summary>
    int Size { get; }

    /// <summary>Replaces values by their sums over all processes.</summary>
    void Sum(Span<float> values);

    /// <summary>A single process.</summary>
    static IWorld Alone { get; } = new One();

    private sealed class One : IWorld
    {
        public int Rank => 0;

        public int Size => 1;

        public void Sum(Span<float> values)
        {
        }
    }
}
