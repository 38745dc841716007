using System.Numerics.Tensors;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>
/// An optimizer as a graph in ONNX Runtime, whatever operators it uses: products of matrices, state of other shapes.
/// </summary>
sealed class GraphUpdate : IUpdate
{
    readonly UpdateTargets targets;
    readonly FlatTensors[] state, nextState;
    readonly FlatTensors nextParameters;
    readonly Dictionary<string, float[]> scalars = [];
    readonly List<(RandomSlot Draw, string Parameter, float[] Memory)> draws = [];
    readonly Session session;
    readonly Binding binding;

    /// <param name="optimizer">What to compute.</param>
    /// <param name="targets">On what.</param>
    /// <param name="runtime">Device and threads.</param>
    /// <exception cref="UserException">ONNX Runtime does not take it.</exception>
    public GraphUpdate(Optimizer optimizer, UpdateTargets targets, RuntimeOptions runtime)
    {
        (Optimizer, this.targets, state) = (optimizer, targets, targets.Start(optimizer));
        nextState = [.. state.Select(s => new FlatTensors(s.Layout))];
        var layout = targets.Gradients.Layout;
        nextParameters = new(layout);
        var graph = UpdateGraph.Of(optimizer, layout.Names.Select(name => (name, layout.ShapeOf(name))),
            targets.Groups);
        session = GraphSession.Of(graph, graph.Name, runtime);
        try
        {
            binding = session.BindMemory(graph.Inputs.Select(Host), graph.Outputs.Select(Host));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public Optimizer Optimizer { get; }

    public IReadOnlyList<FlatTensors> State => state;

    public long Step { get; set; }

    public void Apply(double lr, double gradScale = 1, bool endOfEpoch = false)
    {
        Step++;
        var gradients = targets.Gradients.All.Span;
        if (gradScale != 1)
            TensorPrimitives.Multiply(gradients, (float)gradScale, gradients);
        foreach (var (i, group) in targets.Groups.Index())
            foreach (var (scalar, value) in Optimizer.Scalars
                .Zip(targets.Scalars(Optimizer, group, Step, lr, endOfEpoch)))
                if (scalars.TryGetValue($"scalar:{i}:{scalar.Name}", out var memory))
                    memory[0] = value;
        foreach (var (draw, name, memory) in draws)
            targets.Draw(draw, name, Step, memory);
        binding.Run();
        foreach (var name in targets.Groups.SelectMany(g => g.Names))
        {
            nextParameters[name].CopyTo(targets.Parameters[name]);
            foreach (var (now, next) in state.Zip(nextState).Where(s => s.First.Layout.Contains(name)))
                next[name].CopyTo(now[name]);
        }
    }

    public void Dispose()
    {
        binding.Dispose();
        session.Dispose();
    }

    /// <summary>Where a value of the graph lies, by its name.</summary>
    HostTensor Host(Value value) => HostTensor.Of<float>(value.Name, value.Name.Split(':', 4) switch
    {
        ["param", var name] => targets.Parameters[name],
        ["grad", var name] => targets.Gradients[name],
        ["state", var slot, var name] => state[SlotAt(slot)][name],
        ["draw", var draw, var name] => Drawn(draw, name, value.Shape),
        ["next", "param", var name] => nextParameters[name],
        ["next", "state", var slot, var name] => nextState[SlotAt(slot)][name],
        _ => scalars[value.Name] = GC.AllocateArray<float>(1, pinned: true),
    }, value.Shape.Sizes);

    float[] Drawn(string draw, string name, Shape shape)
    {
        var memory = GC.AllocateArray<float>(TensorMemory.Count(draw, shape.Sizes), pinned: true);
        draws.Add((Optimizer.Draws.First(d => d.Name == draw), name, memory));
        return memory;
    }

    int SlotAt(string name) => Array.FindIndex(Optimizer.State, slot => slot.Name == name);
}
