using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>The inner loop: batches to gradients, gradients to updates.</summary>
sealed class EpochRunner : IDisposable
{
    readonly TrainOptions options;
    readonly Loader loader;
    readonly ITrainView view;
    readonly GradientSession session;
    readonly ParamGroup[] groups;
    readonly string[] frozen;
    readonly string[] head;
    readonly MaskSource masks;
    readonly FlatTensors? sum;
    readonly UnreadableImages unreadable;

    public EpochRunner(TrainOptions options, Trainee trainee, Loader loader, RuntimeOptions runtime, ITrainView view,
        bool decreasing)
    {
        (this.options, this.loader, this.view, unreadable) = (options, loader, view, new(view, "training"));
        session = new(StepGraph.Gradients(trainee.Graph, TrainSetup.Loss(options)), trainee.Graph.Weights,
            options.BatchSize, runtime);
        try
        {
            TrainSetup.Head(options, trainee, session.Params);
            groups = TrainSetup.Groups(options, trainee);
            frozen = [.. trainee.Params.Except(groups.SelectMany(g => g.Names))];
            head = [.. trainee.Params.TakeLast(2)];
            masks = new(options.Seed, session);
            sum = options.GradAccumSteps > 1 ? new(session.Grads.Layout) : null;
            var lr = TrainSetup.Lr(options);
            var update = new ParameterUpdate(TrainSetup.Optimizer(options), session.Params, Gradients, groups, lr);
            State = new()
            {
                Schedule = TrainSetup.Schedule(options, lr, UpdatesPerEpoch, decreasing),
                Tensors = new([.. trainee.Graph.Weights.Select(w => w.Name)], session.Params, session.Stats, update,
                    TrainSetup.Ema(options, session.Params, session.Stats)),
            };
            view.Line(TrainLog.Optimizer(update.Optimizer, lr, options.WeightDecay));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public TrainState State { get; }

    public int UpdatesPerEpoch => (loader.BatchCount + options.GradAccumSteps - 1) / options.GradAccumSteps;

    /// <summary>The learning rate, averaged over the parameter groups.</summary>
    public double MeanLr => groups.Average(g => g.LrScale) * State.Schedule.Lr;

    FlatTensors Gradients => sum ?? session.Grads;

    /// <summary>Runs the rest of the epoch.</summary>
    /// <param name="recover">Stores the state after an update of a number.</param>
    /// <param name="stop">Ends it after an update.</param>
    /// <returns>Whether the epoch is done.</returns>
    public bool Run(Action<int> recover, CancellationToken stop)
    {
        var (clock, images) = (new UpdateClock(), 0);
        foreach (var batch in clock.Waiting(loader.Epoch(State.Epoch, State.Batch, CancellationToken.None)))
        {
            unreadable.Note(batch);
            Step(batch);
            images += batch.Count;
            if ((batch.Index + 1) % options.GradAccumSteps != 0 && batch.Index != loader.BatchCount - 1)
                continue;
            Update(batch.Index);
            clock.Lap();
            var update = batch.Index / options.GradAccumSteps;
            Report(new(State.Epoch, update, UpdatesPerEpoch, images, MeanLr), clock, recover);
            images = 0;
            if (stop.IsCancellationRequested && State.Batch < loader.BatchCount)
                return false;
        }
        unreadable.Count($"Train: {State.Epoch}", loader.Data.Count, "the next ones took their places.");
        return true;
    }

    public void Dispose() => session.Dispose();

    /// <summary>Gradients of a batch.</summary>
    void Step(Batch batch)
    {
        MemoryMarshal.Cast<byte, float>(batch.Memory.Span).CopyTo(session.Images);
        Targets.Smooth(batch.Labels, options.Smoothing, session.Targets);
        masks.Draw(State.Epoch, batch.Index);
        var loss = session.Run();
        Divergence.Check($"The loss of epoch {State.Epoch}, update {batch.Index / options.GradAccumSteps},", loss,
            State.Schedule.Lr, State.Results.LastOrDefault());
        State.Loss.Add(loss, batch.Count);
        if (sum is null)
            return;
        if (batch.Index % options.GradAccumSteps == 0)
            sum.CopyFrom(session.Grads);
        else
            TensorPrimitives.Add(sum.All.Span, session.Grads.All.Span, sum.All.Span);
    }

    /// <summary>An update from all gradients since the last one.</summary>
    void Update(int batch)
    {
        foreach (var name in frozen)
            Gradients[name].Span.Clear();
        var scale = 1.0 / (batch % options.GradAccumSteps + 1);
        if (options.ClipGrad is { } limit)
            scale = GradientClip.Apply(options.ClipMode, limit, session.Params, Gradients, head, scale);
        State.Tensors.Update.Apply(State.Schedule.Lr, scale, endOfEpoch: batch == loader.BatchCount - 1);
        State.Updates++;
        State.Batch = batch + 1;
        State.Tensors.Ema?.Update(State.Updates);
    }

    void Report(UpdateInfo info, UpdateClock clock, Action<int> recover)
    {
        view.Progress(info, State.Loss.Last);
        if (info.Update % options.LogInterval == 0 || info.Update == info.Updates - 1)
            view.Line(TrainLog.Update(info, State.Loss, clock.Time, clock.Data));
        State.Schedule.BeforeUpdate(State.Updates);
        if (options.RecoveryInterval > 0 && (info.Update + 1) % options.RecoveryInterval == 0)
            recover(info.Update);
    }
}
