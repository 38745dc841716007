using System.Numerics.Tensors;
using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>The inner loop: batches to gradients, gradients to updates.</summary>
sealed class EpochRunner : IDisposable
{
    readonly TrainParts parts;
    readonly Loader loader;
    readonly SizedSteps steps;
    readonly GradientSession session;
    readonly FlatTensors? sum;
    readonly UnreadableImages unreadable;
    readonly int perUpdate;
    SizedStep? last;
    Batch? shown;

    public EpochRunner(TrainParts parts)
    {
        (this.parts, loader, perUpdate) = (parts, parts.Batches, parts.Policy.BatchesPerUpdate);
        unreadable = new(parts.Events, "training");
        var graph = parts.Trainee.Graph;
        var scaler = parts.Precision == DType.Float16 ? new GradScaler() : null;
        steps = new(parts, sized => StepOf(parts, sized));
        session = steps.Session;
        try
        {
            sum = perUpdate > 1 ? new(session.Grads.Layout) : null;
            var update = parts.Update(parts.Optimizer,
                new(session.Params, Gradients, parts.Groups, parts.Lr)
                {
                    Draw = UpdateTargets.Drawn(parts.Policy.Seed),
                }, parts.Runtime);
            State = new()
            {
                Schedule = parts.Schedule(UpdatesPerEpoch),
                Scaler = scaler,
                Tensors = new([.. graph.Weights.Select(w => w.Name)], session.Params, session.Stats, update,
                    parts.Average is { } decay ? new(decay, session.Params, session.Stats) : null),
            };
        }
        catch
        {
            steps.Dispose();
            throw;
        }
    }

    public TrainState State { get; }

    public int UpdatesPerEpoch => (loader.BatchCount + perUpdate - 1) / perUpdate;

    /// <summary>The learning rate, averaged over the parameter groups.</summary>
    public double MeanLr => parts.Groups.Average(g => g.LrScale) * State.Schedule.Lr;

    /// <summary>The learning rate of each parameter group.</summary>
    public double[] Rates => [.. parts.Groups.Select(g => g.LrScale * State.Schedule.Lr)];

    /// <summary>The step that makes gradients of fewer images, or more, with weights of its own.</summary>
    /// <param name="parts">The training.</param>
    /// <param name="images">Images of a batch.</param>
    /// <param name="size">Which of the sizes of its batches.</param>
    public static GradientSession Open(TrainParts parts, int images, int size) =>
        new(StepOf(parts, SizedSteps.Network(parts, size)), parts.Trainee.Graph.Weights, images, parts.Runtime,
            half: parts.Precision);

    /// <summary>Hands out step and update of the first batch, to be measured; each run changes the weights.</summary>
    public void First(Action<Action> measure)
    {
        using var batches = loader.Epoch(State.Epoch).GetEnumerator();
        batches.MoveNext();
        measure(() =>
        {
            Step(batches.Current);
            Update(batches.Current.Index);
        });
    }

    static StepGraph StepOf(TrainParts parts, Graph sized)
    {
        var trained = (parts.Weights ?? new(parts.Trainee.Graph)).Among(parts.Groups.SelectMany(group => group.Names));
        return StepGraph.Gradients(sized, parts.Task, trained, isScaled: parts.Precision == DType.Float16,
            parts.Keeping);
    }

    FlatTensors Gradients => sum ?? session.Grads;

    /// <summary>The images of the last step, as the network saw them, until the next batch comes.</summary>
    public ImageBatch Images => shown!.Normalised.First(last!.Session.Batch);

    /// <summary>Runs the rest of the epoch.</summary>
    /// <param name="show">Shows the images of a batch of a number, at each line of the log.</param>
    /// <param name="recover">Stores the state after an update of a number.</param>
    /// <param name="stop">Ends it after an update.</param>
    /// <returns>Whether the epoch is done.</returns>
    public bool Run(Action<int> show, Action<int> recover, CancellationToken stop)
    {
        var (clock, images) = (new UpdateClock(), 0);
        foreach (var batch in clock.Waiting(loader.Epoch(State.Epoch, State.Batch, CancellationToken.None)))
        {
            unreadable.Note(batch);
            Step(batch);
            images += batch.Count;
            if ((batch.Index + 1) % perUpdate != 0 && batch.Index != loader.BatchCount - 1)
                continue;
            Update(batch.Index);
            clock.Lap();
            var update = batch.Index / perUpdate;
            if (Log(new(State.Epoch, update, UpdatesPerEpoch, images, MeanLr), clock))
                show(batch.Index);
            State.Schedule.BeforeUpdate(State.Updates);
            if (parts.Policy.RecoveryInterval > 0 && (update + 1) % parts.Policy.RecoveryInterval == 0)
                recover(update);
            images = 0;
            if (stop.IsCancellationRequested && State.Batch < loader.BatchCount)
                return false;
        }
        unreadable.Count($"Train: {State.Epoch}", loader.Data.Count, "the next ones took their places.");
        return true;
    }

    public void Dispose()
    {
        State?.Tensors.Update.Dispose();
        steps.Dispose();
    }

    /// <summary>Gradients of a batch.</summary>
    void Step(Batch batch)
    {
        var isFirst = last is null;
        (last, shown) = (steps[batch.Size], batch);
        last.Inputs.Fill(batch, State.Epoch);
        if (State.Scaler is { } scaler)
            last.Session.Input(StepGraph.Scale)[0] = (float)scaler.Scale;
        var loss = last.Session.Run();
        Divergence.Check($"The loss of epoch {State.Epoch}, update {batch.Index / perUpdate},", loss,
            State.Schedule.Lr, State.Results.LastOrDefault());
        State.Loss.Add(loss, batch.Count);
        if (parts.BatchWeight?.Invoke(batch.Count) is { } weight and not 1)
            TensorPrimitives.Multiply(session.Grads.All.Span, (float)weight, session.Grads.All.Span);
        if (isFirst)
            parts.Events.Report(new FirstBatch(draw => draw(Images)));
        if (sum is null)
            return;
        if (batch.Index % perUpdate == 0)
            sum.CopyFrom(session.Grads);
        else
            TensorPrimitives.Add(sum.All.Span, session.Grads.All.Span, sum.All.Span);
    }

    /// <summary>An update from all gradients since the last one.</summary>
    void Update(int batch)
    {
        var lossScale = State.Scaler?.Scale ?? 1;
        if (State.Scaler?.Accepts(Gradients.All.Span) ?? true)
        {
            var scale = parts.Gradients.Aggregate(1.0 / (batch % perUpdate + 1) / lossScale,
                (scale, step) => step(session.Params, Gradients, scale));
            State.Tensors.Update.Apply(State.Schedule.Lr, scale, endOfEpoch: batch == loader.BatchCount - 1);
        }
        else
            parts.Events.Tell($"Update {State.Updates} is left out: gradients of the loss times {lossScale} overflow "
                + $"{DType.Float16}; the next ones are of the loss times {State.Scaler.Scale}.");
        State.Updates++;
        State.Batch = batch + 1;
        State.Tensors.Ema?.Update(State.Updates);
    }

    /// <summary>Tells of an update, and whether that was a line.</summary>
    bool Log(UpdateInfo info, UpdateClock clock)
    {
        var isDue = info.Update % parts.Policy.LogInterval == 0 || info.Update == info.Updates - 1;
        parts.Events.Report(new UpdateEnded(info, State.Loss.Last,
            isDue ? TrainLog.Update(info, State.Loss, clock.Time, clock.Data) : null));
        return isDue;
    }
}
