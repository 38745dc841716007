using OnnxTimm.Conversion;

namespace OnnxTimm.Train;

/// <summary>The best checkpoint of a run as a model that classifies.</summary>
static class BestModel
{
    /// <summary>Writes the first that can be read, and says which it was where it is not the best.</summary>
    /// <param name="trainee">The network.</param>
    /// <param name="checkpoints">Files, best first.</param>
    /// <param name="path">The .onnx file.</param>
    /// <param name="events">Who is told.</param>
    /// <exception cref="UserException">None can be read, or the file cannot be written.</exception>
    public static void Write(
        Trainee trainee, IEnumerable<string> checkpoints, string path, IProgress<TrainEvent> events)
    {
        var skipped = 0;
        foreach (var checkpoint in checkpoints)
        {
            if (Open(checkpoint, trainee, events) is not { } found)
            {
                skipped++;
                continue;
            }
            using (found.File)
                trainee.Write(trainee.Deployed(found.Weights), path);
            events.Tell(skipped == 0 ? $"Wrote {path}" : $"Wrote {path} from {checkpoint}");
            return;
        }
        throw new UserException($"No checkpoint of the run can be read: \"{path}\" is not written.");
    }

    static (StateDict File, KeyValuePair<string, Tensor>[] Weights)? Open(
        string checkpoint, Trainee trainee, IProgress<TrainEvent> events)
    {
        StateDict? file = null;
        try
        {
            file = TrainCheckpoint.Read(checkpoint);
            return (file, TrainTensors.Deployed(file, trainee.Graph));
        }
        catch (UserException e)
        {
            file?.Dispose();
            events.Tell($"Skipped: {e.Message}");
            return null;
        }
    }
}
