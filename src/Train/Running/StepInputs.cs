using System.Runtime.InteropServices;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Fills the inputs of a step from a batch: images, what the task asks for, masks.</summary>
/// <param name="session">The step.</param>
/// <param name="parts">The training.</param>
sealed class StepInputs(GradientSession session, TrainParts parts)
{
    readonly MaskSource masks = new(parts.Policy.Seed, session);
    readonly BatchMixing mixing = new(parts);

    public void Fill(Batch batch, int epoch)
    {
        var images = MemoryMarshal.Cast<byte, float>(batch.Memory.Span);
        var mixed = mixing.Apply(batch, epoch);
        images[..session.Images.Length].CopyTo(session.Images);
        var step = new StepBatch
        {
            Images = session.Images,
            Labels = batch.Labels,
            Targets = batch.Targets,
            Indices = batch.Indices,
            Partners = mixed,
            Epoch = epoch,
            Index = batch.Index,
        };
        foreach (var feeder in parts.Task.Feeders)
            feeder.Fill(step, session.Input(feeder.Input));
        masks.Draw(epoch, batch.Index);
    }
}
