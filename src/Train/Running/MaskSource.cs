using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Draws the masks of dropout and stochastic depth: functions of seed, epoch and batch.</summary>
/// <param name="seed">Seed of the training.</param>
/// <param name="session">Whose masks are filled.</param>
sealed class MaskSource(int seed, GradientSession session)
{
    readonly CounterRandom random = new((ulong)seed);

    public void Draw(int epoch, int batch)
    {
        foreach (var (i, mask) in session.Step.Masks.Index())
            mask.Draw(random.At(epoch, batch, Purpose.FirstMask + i), session.Input(mask.Input));
    }
}
