using BenchmarkDotNet.Attributes;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// One update of 25 million parameters in place, against the traffic alone: a copy of what the update reads and writes.
/// </summary>
[InProcess]
public class OptimizerStep
{
    const int Count = 25_000_000, Tensors = 50;

    static readonly TensorLayout Layout =
        new(Enumerable.Range(0, Tensors).Select(i => ($"p{i}", (long[])[Count / Tensors])));

    readonly FlatTensors parameters = new(Layout, 0.1f);
    readonly FlatTensors gradients = new(Layout, 0.01f);
    Action update = null!;
    IReadOnlyList<FlatTensors> state = [];

    [Params("sgd", "adamw", "lamb")]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var engine = new BlockUpdate(
            Optimizers.Create(Name), parameters, gradients, [new(Layout.Names, 0.05)], 1e-3);
        (update, state) = (() => engine.Apply(1e-3), engine.State);
    }

    [Benchmark]
    public void Step() => update();

    /// <summary>
    /// Memory moved at the rate that this machine has: parameters and each state read and written once.
    /// </summary>
    [Benchmark(Baseline = true)]
    public void Traffic()
    {
        foreach (var state in state.Append(parameters))
            Parallel.For(0, Tensors, i =>
            {
                var part = state[$"p{i}"].Span;
                System.Numerics.Tensors.TensorPrimitives.Add(part, 0f, part);
            });
    }
}
