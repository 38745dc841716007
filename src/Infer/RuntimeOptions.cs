using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>How ONNX Runtime is to run a model.</summary>
public sealed record RuntimeOptions
{
    /// <summary>Where the model runs.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>
    /// Threads that share the work of one call; 0 is all cores. Many callers with one thread each give the most.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Lets idle threads spin for a while: quicker to answer, but a paced load burns a whole core.</summary>
    public bool Spin { get; init; } = true;

    /// <summary>False runs the graph as it is written, for comparisons.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>How far the runtime optimizes, where it does.</summary>
    internal GraphOptimizationLevel Level { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>Where the runtime writes the graph that it has optimized; null for nowhere.</summary>
    public string? OptimizedFile { get; init; }

    /// <summary>ONNX Runtime's own settings by their keys, such as <c>session.use_deterministic_compute</c>.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Registers operators of one's own before a session is made, and gives what is to be disposed of after it.
    /// </summary>
    public Func<SessionOptions, IDisposable>? Extend { get; init; }

    /// <summary>Reads settings written as key=value.</summary>
    /// <exception cref="UserException">One is written otherwise.</exception>
    public static IReadOnlyDictionary<string, string> ParseConfig(IEnumerable<string> settings) =>
        KeyValues.Parse(settings, "setting of ONNX Runtime");

    /// <summary>ONNX Runtime's own options, but for <see cref="Extend"/>; the caller disposes them.</summary>
    public SessionOptions ToOrt()
    {
        Telemetry.Refuse();
        var options = new SessionOptions();
        try
        {
            Fill(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    void Fill(SessionOptions options)
    {
        // What goes wrong comes as an exception; the log would say it twice.
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        options.IntraOpNumThreads = Threads > 0 ? Threads : Environment.ProcessorCount;
        options.InterOpNumThreads = 1;
        options.GraphOptimizationLevel = Optimize ? Level : GraphOptimizationLevel.ORT_DISABLE_ALL;
        if (OptimizedFile is { } file)
            options.OptimizedModelFilePath = file;
        if (!Spin)
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        foreach (var (key, value) in Config)
            options.AddSessionConfigEntry(key, value);
        Providers.Append(options, Device);
    }
}
