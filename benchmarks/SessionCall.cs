using BenchmarkDotNet.Attributes;
using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Benchmarks;

/// <summary>What a call of ours costs over ONNX Runtime's barest, on a model that computes next to nothing.</summary>
[MemoryDiagnoser]
[InProcess]
public class SessionCall : IDisposable
{
    readonly float[] x = new float[3 * 32 * 32];
    Session session = null!;
    Binding binding = null!;
    InferenceSession bare = null!;
    OrtIoBinding bareBinding = null!;
    readonly RunOptions run = new();

    [GlobalSetup]
    public void Setup()
    {
        var graph = new Graph("tiny");
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 3, 32, 32)) * 2);
        var model = OnnxFile.ToBytes(graph);
        session = Session.Load(model, "tiny", new() { Threads = 1 });
        binding = session.Bind([1, 3, 32, 32]);
        bare = new InferenceSession(model, new SessionOptions { IntraOpNumThreads = 1 });
        bareBinding = bare.CreateIoBinding();
        bareBinding.BindInput("x", OrtValue.CreateTensorValueFromMemory(new float[x.Length], [1, 3, 32, 32]));
        bareBinding.BindOutput("y", OrtValue.CreateTensorValueFromMemory(new float[x.Length], [1, 3, 32, 32]));
    }

    [Benchmark(Baseline = true)]
    public void RunWithBinding() => bare.RunWithBinding(run, bareBinding);

    [Benchmark]
    public float OurCallWithInputCopy() => binding.Run(x)[0];

    [GlobalCleanup]
    public void Dispose()
    {
        binding.Dispose();
        session.Dispose();
        bareBinding.Dispose();
        bare.Dispose();
        run.Dispose();
        GC.SuppressFinalize(this);
    }
}
