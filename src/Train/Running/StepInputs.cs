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
        var mixed = mixing.Apply(batch, epoch);
        var images = batch.Normalised.First(session.Batch);
        session.Show(images);
        var step = new StepBatch
        {
            Images = images.Values,
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
