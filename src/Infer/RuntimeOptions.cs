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

    /// <summary>
    /// Where the runtime writes the time of every node, as a trace of Chrome's, when a session ends: the begin of the
    /// file's name; null for nowhere.
    /// </summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>
    /// Whether the runtime gives back what a session's first call took piece by piece. From the second call on it takes
    /// all memory of a call as one block, and would hold both.
    /// </summary>
    internal bool Settles { get; init; }

    /// <summary>Settings of ONNX Runtime's sessions, such as <c>session.use_deterministic_compute</c>.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>Options of the device's own (<see cref="Provider.Options"/>), such as <c>trt_fp16_enable</c>.</summary>
    public IReadOnlyDictionary<string, string> ProviderOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Takes which provider computes each node, when a session is made; null for nobody. Where all nodes are left to
    /// the processor but another device was asked for, there is no session.
    /// </summary>
    public Action<Placement>? Placed { get; init; }

    /// <summary>
    /// Registers operators of one's own before a session is made, and gives what is to be disposed of after it.
    /// </summary>
    public Func<SessionOptions, IDisposable>? Extend { get; init; }

    /// <summary>Whether a session remembers which provider computes each node.</summary>
    internal bool RecordsPlacement => Placed is not null || !Device.IsCpu;

    /// <summary>
    /// The same with settings that are written as key=value: those with a dot in their key are ONNX Runtime's own, all
    /// others the device's.
    /// </summary>
    /// <exception cref="UserException">One is written otherwise.</exception>
    public RuntimeOptions With(IEnumerable<string> settings)
    {
        var all = KeyValues.Parse(settings, "setting of ONNX Runtime");
        return this with
        {
            Config = all.Where(s => s.Key.Contains('.')).ToDictionary(),
            ProviderOptions = all.Where(s => !s.Key.Contains('.')).ToDictionary(),
        };
    }

    /// <summary>The same that tells in lines where nodes run: of another device than the processor what is not on it.
    /// </summary>
    /// <param name="whole">Tells of all nodes, on the processor too.</param>
    /// <param name="note">Takes a line.</param>
    public RuntimeOptions Telling(bool whole, Action<string> note) => !whole && Device.IsCpu ? this : this with
    {
        Placed = placed =>
        {
            foreach (var line in placed.Remarks(whole))
                note(line);
        },
    };

    /// <summary>Looks whether the device can be used as it is meant to, before there is a model.</summary>
    /// <exception cref="UserException">It cannot, for a reason; or an option is none of its.</exception>
    public void Check()
    {
        if (!Device.IsCpu || ProviderOptions.Count > 0)
            ToOrt().Dispose();
    }

    /// <summary>Looks whether networks can be trained there.</summary>
    /// <exception cref="UserException">They cannot, or the device cannot be used.</exception>
    public void CheckTraining()
    {
        if (!Device.Provider.Trains)
            throw new UserException($"{Device.Provider.Name} runs networks but does not train them: "
                + $"{string.Join(" and ", Providers.Table.Where(p => p.Trains).Select(p => p.Name))} do.");
        Check();
    }

    /// <summary>ONNX Runtime's own options, but for <see cref="Extend"/>; the caller disposes them.</summary>
    public SessionOptions ToOrt()
    {
        if (!Device.IsCpu || ProviderOptions.Count > 0)
            Providers.Check(Providers.Compiled, Providers.Release, Device.Provider, ProviderOptions.Keys);
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
        if (ProfilePrefix is { } prefix)
            (options.ProfileOutputPathPrefix, options.EnableProfiling) = (prefix, true);
        if (!Spin)
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        foreach (var (key, value) in Config)
            options.AddSessionConfigEntry(key, value);
        if (RecordsPlacement)
            options.AddSessionConfigEntry(Placement.Setting, "1");
        Providers.Append(options, this);
    }
}
