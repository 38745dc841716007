using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Draws the masks of dropout and stochastic depth: functions of seed, epoch and batch.</summary>
/// <param name="seed">Seed of the training.</param>
/// <param name="session">Whose masks are filled.</param>
sealed class MaskSource(int seed, GradientSession session)
{
    /// <summary>Numbers of purposes below it belong to the data.</summary>
    const int FirstPurpose = 1000;

    readonly CounterRandom random = new((ulong)seed);

    public void Draw(int epoch, int batch)
    {
        foreach (var (i, mask) in session.Step.Masks.Index())
            mask.Draw(random.At(epoch, batch, FirstPurpose + i), session.Mask(mask));
    }
}
