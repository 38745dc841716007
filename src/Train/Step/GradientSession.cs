using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Train.Cpu;

namespace OnnxTimm.Train;

/// <summary>
/// The split step at work: parameters, statistics, gradients and a batch in pinned memory, bound once to a session that
/// computes loss, gradients and next statistics from them.
/// </summary>
public sealed class GradientSession : IDisposable
{
    readonly InferenceSession session;
    readonly OrtIoBinding binding;
    readonly RunOptions run = new();
    readonly (string Name, OrtValue Value)[] inputs, outputs;
    readonly Dictionary<string, float[]> buffers = [];
    readonly FlatTensors nextStats;
    readonly bool isCpu;
    readonly string name;

    /// <param name="step">The step graph.</param>
    /// <param name="weights">The model's weights, in the order of the step's parameters and statistics.</param>
    /// <param name="batch">Images of a batch.</param>
    /// <param name="options">Device and threads.</param>
    /// <param name="portable">Standard operators only on the CPU too, where kernels of our own are faster.</param>
    public GradientSession(StepGraph step, IEnumerable<Value> weights, int batch, RuntimeOptions options,
        bool portable = false)
    {
        (Step, Batch, isCpu) = (step, batch, options.Device.IsCpu);
        name = $"{step.Graph.Name} in training";
        var byName = weights.ToDictionary(w => w.Name);
        (Params, Stats) = (Load(step.Params, byName), Load(step.Stats, byName));
        (Grads, nextStats) = (new(Params.Layout), new(Stats.Layout));
        session = portable || !isCpu ? Create(Fused.Expand(step.Graph), options) : OnKernels(step.Graph, options);
        binding = session.CreateIoBinding();
        inputs = [.. step.Graph.Inputs.Select(Wrap)];
        outputs = [.. step.Graph.Outputs.Select(Wrap)];
        BindInputs();
        foreach (var (name, value) in outputs)
            binding.BindOutput(name, value);
    }

    public StepGraph Step { get; }

    public int Batch { get; }

    public FlatTensors Params { get; }

    /// <summary>Running statistics; <see cref="Run"/> moves them.</summary>
    public FlatTensors Stats { get; }

    public FlatTensors Grads { get; }

    /// <summary>Images [N, C, H, W], to be filled before a run.</summary>
    public Span<float> Images => buffers["input"];

    /// <summary>Target probabilities [N, classes], to be filled before a run.</summary>
    public Span<float> Targets => buffers["target"];

    /// <summary>A mask of <see cref="StepGraph.Masks"/>, to be filled before a run.</summary>
    public Span<float> Mask(Mask mask) => buffers[mask.Input];

    /// <summary>
    /// Computes the gradients of the mean loss of the batch, moves the statistics, and returns the loss.
    /// </summary>
    /// <exception cref="UserException">ONNX Runtime failed, for want of memory perhaps.</exception>
    public float Run()
    {
        // A device holds copies of what was bound.
        if (!isCpu)
            BindInputs();
        Session.Guard(name, () =>
        {
            session.RunWithBinding(run, binding);
            return true;
        });
        Stats.CopyFrom(nextStats);
        return buffers["loss"][0];
    }

    public void Dispose()
    {
        binding.Dispose();
        foreach (var (_, value) in inputs.Concat(outputs))
            value.Dispose();
        run.Dispose();
        session.Dispose();
    }

    static FlatTensors Load(IReadOnlyList<string> names, Dictionary<string, Value> weights)
    {
        var tensors = new FlatTensors(new(names.Select(name => (name, weights[name].Shape.Sizes))));
        foreach (var name in names)
            weights[name].Data!.Span<float>().CopyTo(tensors[name].Span);
        return tensors;
    }

    InferenceSession OnKernels(Graph graph, RuntimeOptions options)
    {
        var (lowered, kernels) = CpuDialect.Lower(graph);
        return Create(lowered, options with { Extend = ort => KernelApi.Register(ort, CpuDialect.Domain, kernels) });
    }

    InferenceSession Create(Graph graph, RuntimeOptions options) => Session.Guard(name, () =>
    {
        using var ort = options.ToOrt();
        return new InferenceSession(OnnxFile.ToBytes(graph), ort);
    });

    void BindInputs()
    {
        foreach (var (name, value) in inputs)
            binding.BindInput(name, value);
    }

    /// <summary>Where a value of the step lies.</summary>
    Memory<float> Memory(Value value) => value.Name.Split(':', 2) switch
    {
        ["param", var name] => Params[name],
        ["stat", var name] => Stats[name],
        ["grad", var name] => Grads[name],
        ["next", var rest] => nextStats[rest["stat:".Length..]],
        _ => Buffer(value),
    };

    Memory<float> Buffer(Value value)
    {
        if (!buffers.TryGetValue(value.Name, out var buffer))
            buffers[value.Name] = buffer =
                GC.AllocateArray<float>((int)Sizes(value).Aggregate(1L, (product, d) => product * d), true);
        return buffer;
    }

    (string, OrtValue) Wrap(Value value) => (value.Name,
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Memory(value), Sizes(value)));

    long[] Sizes(Value value) => [.. value.Shape.Select(d => d.IsFixed ? d.Size : d.Factor * Batch)];
}
