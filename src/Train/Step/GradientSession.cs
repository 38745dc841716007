using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Train.Cpu;

namespace OnnxTimm.Train;

/// <summary>
/// The split step at work: parameters, statistics, gradients and a batch in pinned memory, bound once to a session that
/// computes loss, gradients and next statistics from them.
/// </summary>
public sealed class GradientSession : IDisposable
{
    readonly Session session;
    readonly Binding binding;
    readonly Dictionary<string, Array> buffers = [];
    readonly StepMemory memory;
    readonly Runner runner;
    readonly int looks;

    /// <param name="step">The step graph.</param>
    /// <param name="weights">The model's weights, in the order of the step's parameters and statistics.</param>
    /// <param name="batch">Images of a batch.</param>
    /// <param name="options">Device and threads.</param>
    /// <param name="portable">Standard operators only on the CPU too, where kernels of our own are faster.</param>
    /// <param name="half">The type of its products, float16 or bfloat16; float32 by default.</param>
    /// <exception cref="UserException">ONNX Runtime cannot run the step.</exception>
    public GradientSession(StepGraph step, IEnumerable<Value> weights, int batch, RuntimeOptions options,
        bool portable = false, DType half = DType.Float32)
        : this(step, batch, StepMemory.Of(step, weights), new(options, portable, half))
    {
    }

    GradientSession(StepGraph step, int batch, StepMemory memory, Runner runner)
    {
        (Step, Batch, this.memory, this.runner) = (step, batch, memory, runner);
        looks = step.Graph.Inputs[0].Shape[0] is { IsFixed: false, Factor: var factor } ? (int)factor : 1;
        if (batch % looks != 0)
            throw new UserException($"A batch of {batch} images has not {looks} equal parts to norm apart.");
        session = runner.Open(step.Graph);
        try
        {
            binding = session.BindMemory(step.Graph.Inputs.Select(Host), step.Graph.Outputs.Select(Host));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A session over the same parameters, statistics and gradients, for batches of another size. Each runs by itself,
    /// and each is disposed by itself.
    /// </summary>
    /// <param name="step">The step of the same network for images of that size.</param>
    /// <param name="batch">Images of a batch.</param>
    /// <exception cref="UserException">ONNX Runtime cannot run the step.</exception>
    public GradientSession Sized(StepGraph step, int batch) => new(step, batch, memory, runner);

    /// <summary>The step that runs.</summary>
    public StepGraph Step { get; }

    /// <summary>Images of a batch, fixed.</summary>
    public int Batch { get; }

    /// <summary>Parameters, which an update changes in place.</summary>
    public FlatTensors Params => memory.Params;

    /// <summary>Running statistics; <see cref="Run"/> moves them.</summary>
    public FlatTensors Stats => memory.Stats;

    /// <summary>The gradients of what is trained.</summary>
    public FlatTensors Grads => memory.Grads;

    /// <summary>Images [N, C, H, W], to be filled before a run.</summary>
    public Span<float> Images => Input("input");

    /// <summary>Targets [N, classes] of a <see cref="Classification"/>, to be filled before a run.</summary>
    public Span<float> Targets => Input(Classification.Target);

    /// <summary>An input of the step, such as a mask or one of the task, to be filled before a run.</summary>
    /// <exception cref="UserException">The step has no such input.</exception>
    public Span<float> Input(string name) => Input<float>(name);

    /// <summary>The same of any type.</summary>
    /// <inheritdoc cref="Input(string)"/>
    public Span<T> Input<T>(string name) where T : unmanaged => buffers.TryGetValue(name, out var buffer) ? (T[])buffer
        : throw new UserException($"The step has no input \"{name}\".{Nearest.Hint(name, buffers.Keys)}");

    /// <summary>Fills what the network sees: the images of a batch as they are, or cut into patches.</summary>
    public void Show(ImageBatch images)
    {
        if (images.Shape.Patches is null)
            images.Values.CopyTo(Images);
        else
            new PatchMemory(Input("patches"), Input<long>("patch_coord"), Input<bool>("patch_valid")).Fill(images);
    }

    /// <summary>
    /// Computes the gradients of the mean loss of the batch, moves the statistics, and returns the loss.
    /// </summary>
    /// <exception cref="UserException">ONNX Runtime failed: out of memory, for one.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public float Run()
    {
        binding.Run();
        Stats.CopyFrom(memory.NextStats);
        return Input("loss")[0];
    }

    /// <summary>A run that is in progress ends first.</summary>
    public void Dispose()
    {
        binding.Dispose();
        session.Dispose();
    }

    /// <summary>Where a value of the step lies.</summary>
    Memory<float> Memory(Value value) => value.Name.Split(':', 2) switch
    {
        ["param", var name] => Params[name],
        ["stat", var name] => Stats[name],
        ["grad", var name] => Grads[name],
        ["next", var rest] => memory.NextStats[rest["stat:".Length..]],
        _ => Buffer<float>(value),
    };

    T[] Buffer<T>(Value value) where T : unmanaged
    {
        if (!buffers.TryGetValue(value.Name, out var buffer))
            buffers[value.Name] = buffer =
                GC.AllocateArray<T>(TensorMemory.Count(value.Name, Sizes(value)), pinned: true);
        return (T[])buffer;
    }

    HostTensor Host(Value value) => value.Type switch
    {
        DType.Int64 => HostTensor.Of<long>(value.Name, Buffer<long>(value), Sizes(value)),
        DType.Bool => HostTensor.Of<bool>(value.Name, Buffer<bool>(value), Sizes(value)),
        _ => HostTensor.Of(value.Name, Memory(value), Sizes(value)),
    };

    /// <summary>Where looks are normed apart, the symbol is the images of one look.</summary>
    long[] Sizes(Value value) =>
        [.. value.Shape.Select(d => d.IsFixed ? d.Size : d.Factor * (Batch / looks))];

    /// <summary>What steps of several sizes share.</summary>
    sealed record StepMemory(FlatTensors Params, FlatTensors Stats, FlatTensors Grads, FlatTensors NextStats)
    {
        public static StepMemory Of(StepGraph step, IEnumerable<Value> weights)
        {
            var byName = weights.ToDictionary(w => w.Name);
            var (parameters, stats) = (Load(step.Params, byName), Load(step.Stats, byName));
            var memory = new StepMemory(parameters, stats, Layout(step.Trained, byName), new(stats.Layout));
            memory.NextStats.CopyFrom(stats);
            return memory;
        }

        static FlatTensors Load(IReadOnlyList<string> names, Dictionary<string, Value> weights)
        {
            var tensors = Layout(names, weights);
            foreach (var name in names)
                weights[name].Data!.Span<float>().CopyTo(tensors[name].Span);
            return tensors;
        }

        static FlatTensors Layout(IReadOnlyList<string> names, Dictionary<string, Value> weights) =>
            new(new(names.Select(name => (name, weights[name].Shape.Sizes))));
    }

    /// <summary>How steps run.</summary>
    sealed record Runner(RuntimeOptions Options, bool IsPortable, DType Half)
    {
        public Session Open(Graph step)
        {
            var graph = Half == DType.Float32 ? step
                : MixedPrecision.Apply(step, Half, native: !Options.Device.IsCpu);
            return IsPortable || !Options.Device.IsCpu ? Create(Fused.Expand(graph), Options) : OnKernels(graph);
        }

        Session OnKernels(Graph graph)
        {
            var (lowered, kernels) = CpuDialect.Lower(graph);
            lock (KernelApi.Gate)
                return Create(lowered,
                    Options with { Extend = ort => KernelApi.Register(ort, CpuDialect.Domain, kernels) });
        }

        /// <summary>Threads that spin while they wait would take the processors of those that load images.</summary>
        static Session Create(Graph graph, RuntimeOptions options) =>
            GraphSession.Of(graph, $"{graph.Name} in training", options with { Settles = true, Spin = false });
    }
}
