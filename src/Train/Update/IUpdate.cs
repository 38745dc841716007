using System.IO.Hashing;
using System.Text;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>An optimizer at work: its state, its step counter, and the update of all parameters in place.</summary>
public interface IUpdate : IDisposable
{
    /// <summary>The optimizer that works.</summary>
    Optimizer Optimizer { get; }

    /// <summary>
    /// State tensors in the order of <see cref="Optimizer.State"/>, of the parameters that are trained.
    /// </summary>
    IReadOnlyList<FlatTensors> State { get; }

    /// <summary>Updates so far.</summary>
    long Step { get; set; }

    /// <summary>Updates all parameters once.</summary>
    /// <param name="lr">The scheduled learning rate.</param>
    /// <param name="gradScale">Factor on all gradients, from accumulation and clipping.</param>
    /// <param name="endOfEpoch">Whether an epoch ends with this update.</param>
    void Apply(double lr, double gradScale = 1, bool endOfEpoch = false);
}

/// <summary>What an update works on.</summary>
/// <param name="Parameters">Changed by each step.</param>
/// <param name="Gradients">Of what is trained.</param>
/// <param name="Groups">Which parameters are trained, and how; others are left alone.</param>
/// <param name="BaseLr">The learning rate that the schedule starts from.</param>
public sealed record UpdateTargets(
    FlatTensors Parameters, FlatTensors Gradients, IReadOnlyList<ParamGroup> Groups, double BaseLr)
{
    /// <summary>Draws for optimizers that do.</summary>
    public Drawing Draw { get; init; } = Drawn(42);

    /// <summary>Numbers that follow from a seed, the step and the place of the parameter.</summary>
    /// <param name="seed">The seed.</param>
    public static Drawing Drawn(int seed) => (draw, parameter, step, to) =>
    {
        var random = new CounterRandom((ulong)seed).At((int)step, Place(parameter), Place(draw.Name));
        foreach (ref var x in to)
            x = (float)(draw.IsNormal ? random.Normal() : random.NextDouble());
    };

    static int Place(string name) => (int)XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(name));

    /// <summary>The optimizer's state at the beginning.</summary>
    internal FlatTensors[] Start(Optimizer optimizer)
    {
        var rules = Groups.SelectMany(group => group.Names.Select(name => (name, Rule: optimizer.In(group))))
            .ToDictionary(r => r.name, r => r.Rule);
        return [.. optimizer.State.Select((slot, i) =>
        {
            var shapes = Gradients.Layout.Names.Select(name => (name, rules.GetValueOrDefault(name, optimizer).State[i]
                .ShapeOf(Gradients.Layout.ShapeOf(name))));
            var state = new FlatTensors(slot.Shape is null ? Gradients.Layout
                : new(shapes.Where(s => s.Item2 is not null).Select(s => (s.name, s.Item2!))));
            foreach (var name in state.Layout.Names)
                rules.GetValueOrDefault(name, optimizer).State[i]
                    .StartOf(Gradients.Layout.ShapeOf(name), Parameters[name].Span).CopyTo(state[name]);
            return state;
        })];
    }

    /// <summary>The scalars of a group at a step.</summary>
    internal float[] Scalars(Optimizer optimizer, ParamGroup group, long step, double lr, bool endOfEpoch)
    {
        var info = new StepInfo(step, lr * group.LrScale, group.WeightDecay, BaseLr, endOfEpoch);
        return [.. optimizer.Scalars.Select(scalar => (float)scalar.Of(info))];
    }
}

/// <summary>Chooses the engine of an optimizer.</summary>
public static class Updates
{
    /// <summary>
    /// Block by block in place, bound by memory traffic, where the optimizer is elementwise; else as a graph.
    /// </summary>
    public static IUpdate Of(Optimizer optimizer, UpdateTargets targets, RuntimeOptions runtime) =>
        optimizer.IsElementwise ? new BlockUpdate(optimizer, targets, runtime.Threads > 0 ? runtime.Threads : null)
            : new GraphUpdate(optimizer, targets, runtime);
}
