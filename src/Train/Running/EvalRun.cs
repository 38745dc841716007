using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>A model over a validation set, batch by batch.</summary>
public static class EvalRun
{
    /// <summary>Takes a batch and the model's first output for it; no image, no output.</summary>
    public delegate void Taken(Batch batch, ReadOnlySpan<float> logits);

    /// <summary>Runs all batches.</summary>
    /// <param name="session">The model.</param>
    /// <param name="loader">The validation set.</param>
    /// <param name="take">Takes what comes out.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="UserException">ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Each(Session session, Loader loader, Taken take, CancellationToken cancel = default)
    {
        var bindings = new Dictionary<int, Binding>();
        try
        {
            foreach (var batch in loader.Epoch(0, 0, cancel))
            {
                if (batch.Count > 0 && !bindings.ContainsKey(batch.Count))
                    bindings[batch.Count] = session.Bind(batch.Normalised.Shape.Inputs(batch.Count));
                take(batch, batch.Count == 0 ? [] : Logits(bindings[batch.Count], batch.Normalised));
            }
        }
        finally
        {
            foreach (var binding in bindings.Values)
                binding.Dispose();
        }
    }

    static ReadOnlySpan<float> Logits(Binding binding, ImageBatch images)
    {
        if (images.Shape.Patches is null)
            return binding.Run(images.Values);
        new PatchMemory(binding.Input<float>(), binding.Input<long>(1), binding.Input<bool>(2)).Fill(images);
        binding.Run();
        return binding.Output<float>();
    }
}
