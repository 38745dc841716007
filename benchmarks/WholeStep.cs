using OnnxTimm.Infer;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>Forward, backward and an update by AdamW, over images and targets of no meaning.</summary>
sealed class WholeStep : IDisposable
{
    const double Rate = 1e-4;

    readonly BlockUpdate update;

    public WholeStep(string name, Graph graph, int batch, RuntimeOptions options, Keeping? keeping = null)
    {
        Session = new GradientSession(StepGraph.Gradients(graph, keeping: keeping), graph.Weights, batch, options);
        update = new BlockUpdate(Optimizers.Create("adamw"), Session.Params, Session.Grads,
            ParamGroups.ByDecay(new(name, graph), 0.05), Rate, options.Threads);
        var random = new Random(1);
        foreach (ref var x in Session.Images)
            x = random.NextSingle() * 2 - 1;
        Session.Targets.Fill(1f / (Session.Targets.Length / batch));
        foreach (var mask in Session.Step.Masks)
            Session.Input(mask.Input).Fill(1);
    }

    public GradientSession Session { get; }

    /// <summary>Bytes of parameters, their gradients and states of the optimizer.</summary>
    public long StateBytes => sizeof(float) * (long)Session.Params.Layout.Length * (2 + update.State.Count);

    public void Run()
    {
        Session.Run();
        update.Apply(Rate);
    }

    public void Dispose() => Session.Dispose();
}
