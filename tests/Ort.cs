using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Onnx;
using OnnxTimm.Train.Cpu;

namespace OnnxTimm.Tests;

/// <summary>Runs graphs by ONNX Runtime.</summary>
static class Ort
{
    /// <summary>Runs a graph on float32 inputs and returns its float32 outputs by name.</summary>
    public static Dictionary<string, float[]> Run(
        Graph graph, params (string Name, float[] Data, long[] Shape)[] inputs) =>
        Run(graph, GraphOptimizationLevel.ORT_ENABLE_ALL, inputs);

    /// <summary>Runs a step graph as the CPU trainer does, with kernels of our own.</summary>
    public static Dictionary<string, float[]> RunOnKernels(
        Graph graph, params (string Name, float[] Data, long[] Shape)[] inputs)
    {
        var (lowered, kernels) = CpuDialect.Lower(graph);
        using var options = Options(GraphOptimizationLevel.ORT_ENABLE_ALL);
        using var domain = KernelApi.Register(options, CpuDialect.Domain, kernels);
        lock (KernelApi.Gate)
            return Run(lowered, options, inputs);
    }

    public static Dictionary<string, float[]> Run(Graph graph, GraphOptimizationLevel level,
        params (string Name, float[] Data, long[] Shape)[] inputs)
    {
        using var options = Options(level);
        return Run(graph, options, inputs);
    }

    static Dictionary<string, float[]> Run(
        Graph graph, SessionOptions options, (string Name, float[] Data, long[] Shape)[] inputs)
    {
        // By way of a file, so that a large model is in memory once.
        using var folder = new TempFolder();
        OnnxFile.Write(graph, folder["model.onnx"]);
        using var session = new InferenceSession(folder["model.onnx"], options);
        return Run(session, inputs);
    }

    public static Dictionary<string, float[]> Run(
        InferenceSession session, params (string Name, float[] Data, long[] Shape)[] inputs)
    {
        using var run = new RunOptions();
        var values = inputs.ToDictionary(i => i.Name, i => OrtValue.CreateTensorValueFromMemory(i.Data, i.Shape));
        try
        {
            using var results = session.Run(run, values, session.OutputNames);
            return session.OutputNames.Zip(results)
                .ToDictionary(o => o.First, o => o.Second.GetTensorDataAsSpan<float>().ToArray());
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    /// <summary>Loads a file's bytes and lets go: a check by ONNX Runtime's own shape inference.</summary>
    public static void Load(byte[] model)
    {
        using var options = Options(GraphOptimizationLevel.ORT_DISABLE_ALL);
        options.IntraOpNumThreads = 1;
        using var session = new InferenceSession(model, options);
    }

    public static SessionOptions Options(GraphOptimizationLevel level)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = level,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            EnableCpuMemArena = false,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }
}
