using System.Runtime.InteropServices;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Fills the inputs of a step from a batch: images, what the task asks for, masks.</summary>
/// <param name="session">The step.</param>
/// <param name="parts">The training.</param>
sealed class StepInputs(GradientSession session, TrainParts parts)
{
    readonly MaskSource masks = new(parts.Policy.Seed, session);
    readonly CounterRandom random = new((ulong)parts.Policy.Seed);
    readonly Partner[] partners = new Partner[session.Batch];

    public void Fill(Batch batch, int epoch)
    {
        MemoryMarshal.Cast<byte, float>(batch.Memory.Span).CopyTo(session.Images);
        var step = new StepBatch
        {
            Images = session.Images,
            Labels = batch.Labels,
            Targets = batch.Targets,
            Indices = batch.Indices,
            Partners = Mix(batch, epoch),
            Epoch = epoch,
            Index = batch.Index,
        };
        foreach (var feeder in parts.Task.Feeders)
            feeder.Fill(step, session.Input(feeder.Input));
        masks.Draw(epoch, batch.Index);
    }

    ReadOnlySpan<Partner> Mix(Batch batch, int epoch)
    {
        if (parts.Mix is not { } mix)
            return [];
        var shape = parts.Batches.Transform;
        mix.Apply(session.Images, new(batch.Count, shape.Channels, shape.Height, shape.Width), epoch,
            random.At(epoch, batch.Index, Purpose.Mix), partners);
        return partners;
    }
}
