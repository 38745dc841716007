using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>
/// A model in ONNX Runtime. Callers on any number of threads may share it; each has a <see cref="Binding"/> of its own.
/// Its native memory lives as long as its bindings; a call that is in progress ends, and none begins, when it is
/// disposed.
/// </summary>
public sealed class Session : IDisposable
{
    readonly InferenceSession session;
    readonly IDisposable? extension;
    IReadOnlyDictionary<string, string>? metadata;

    Session(string name, RuntimeOptions options, Func<SessionOptions, InferenceSession> load)
    {
        (Name, Device, Settles) = (name, options.Device, options.Settles && options.Device.IsCpu);
        IDisposable? extension = null;
        InferenceSession? session = null;
        try
        {
            session = Guard(name, () =>
            {
                using var ort = options.ToOrt();
                extension = options.Extend?.Invoke(ort);
                return load(ort);
            });
            Inputs = [.. session.InputNames.Select(n => Port.Of(n, session.InputMetadata[n]))];
            Outputs = [.. session.OutputNames.Select(n => Port.Of(n, session.OutputMetadata[n]))];
            if (options.RecordsPlacement)
                Tell(Guard(name, () => Placement.Of(session, options.Device)), options);
        }
        catch
        {
            session?.Dispose();
            extension?.Dispose();
            throw;
        }
        (this.session, this.extension) = (session, extension);
        Native = new(nameof(Session), Free);
    }

    /// <summary>The file, or what was given instead of it: for messages.</summary>
    public string Name { get; }

    /// <summary>Where the model runs.</summary>
    public Device Device { get; }

    /// <summary>What a call takes, in the file's order.</summary>
    public IReadOnlyList<Port> Inputs { get; }

    /// <summary>What a call gives, in the file's order.</summary>
    public IReadOnlyList<Port> Outputs { get; }

    /// <summary>The file's metadata_props.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public IReadOnlyDictionary<string, string> Metadata =>
        Use(() => metadata ??= session.ModelMetadata.CustomMetadataMap);

    /// <summary>Whether a first call is to leave nothing behind: <see cref="RuntimeOptions.Settles"/>.</summary>
    internal bool Settles { get; }

    /// <summary>What each binding holds.</summary>
    internal Lease Native { get; }

    /// <summary>Loads an .onnx or .ort file; external data lies beside it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="output">A value inside the network that is given as its last output; null for none.</param>
    /// <exception cref="UserException">There is no such file, or ONNX Runtime does not take it.</exception>
    public static Session Open(string file, RuntimeOptions? options = null, string? output = null)
    {
        if (!File.Exists(file))
            throw new UserException($"There is no file \"{file}\".");
        RegularFile.Check(file);
        if (Misplaced.Find(file) is { } what)
            throw new UserException($"Cannot read \"{file}\": {what}.");
        return new(file, options ?? new(), ort => output is null ? new InferenceSession(file, ort)
            : FurtherOutput.Load(file, output, ort))
        {
            metadata = OnnxMetadata.Read(() => RegularFile.OpenStream(file)),
        };
    }

    /// <summary>Loads a model that lies in memory.</summary>
    /// <param name="model">An .onnx file's content.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How it is to run.</param>
    public static Session Load(byte[] model, string name, RuntimeOptions? options = null) =>
        new(name, options ?? new(), ort => new InferenceSession(model, ort))
        {
            metadata = OnnxMetadata.Read(() => new MemoryStream(model)),
        };

    /// <summary>Makes the buffers of one caller.</summary>
    /// <param name="shapes">The sizes of each input, in order.</param>
    /// <exception cref="UserException">The model does not take such inputs.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public Binding Bind(params long[][] shapes)
    {
        if (shapes.Length != Inputs.Count)
            throw new UserException(
                $"\"{Name}\" has {Inputs.Count} inputs ({string.Join(", ", Inputs)}), not {shapes.Length}.");
        var symbols = new Dictionary<string, long>();
        foreach (var (port, shape) in Inputs.Zip(shapes))
            foreach (var (symbol, size) in port.Match(shape) ?? throw new UserException(
                $"\"{Name}\": the input {port} cannot take [{string.Join(", ", shape)}]."))
                symbols[symbol] = size;
        return Guard(Name, () => new Binding(this, session, shapes, symbols));
    }

    /// <summary>Binds memory of the caller's, which is read and written where it lies.</summary>
    /// <param name="inputs">All inputs, in any order.</param>
    /// <param name="outputs">The outputs that are wanted.</param>
    /// <exception cref="UserException">The model does not have such inputs or outputs.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public Binding BindMemory(IEnumerable<HostTensor> inputs, IEnumerable<HostTensor> outputs)
    {
        HostTensor[] from = [.. inputs], to = [.. outputs];
        foreach (var (tensors, ports) in ((HostTensor[], IReadOnlyList<Port>)[])[(from, Inputs), (to, Outputs)])
            foreach (var name in tensors.Select(t => t.Name).Except(ports.Select(p => p.Name)))
                throw new UserException($"\"{Name}\" has no \"{name}\": it has {string.Join(", ", ports)}.");
        return Guard(Name, () => new Binding(this, session, from, to));
    }

    /// <summary>Frees the model, after the calls and bindings that use it.</summary>
    public void Dispose() => Native.Close();

    /// <summary>A device that takes nothing is an error: the processor would do all the work without a word.</summary>
    void Tell(Placement placement, RuntimeOptions options)
    {
        if (placement.IsElsewhere)
            throw new UserException($"{Device} takes none of the {placement.Nodes.Count} nodes of \"{Name}\": all "
                + $"would run on {string.Join(" and ", placement.ByProvider.Select(p => p.Name))}.");
        options.Placed?.Invoke(placement);
    }

    void Free()
    {
        session.Dispose();
        extension?.Dispose();
    }

    T Use<T>(Func<T> action)
    {
        Native.Enter();
        try
        {
            return action();
        }
        finally
        {
            Native.Leave();
        }
    }

    /// <summary>Turns ONNX Runtime's errors into messages that name the model.</summary>
    /// <param name="name">The model.</param>
    /// <param name="action">Calls ONNX Runtime.</param>
    /// <exception cref="UserException">ONNX Runtime failed.</exception>
    public static T Guard<T>(string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (OnnxRuntimeException e)
        {
            throw Fault(name, e);
        }
        catch (Exception e) when (
            e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new UserException($"ONNX Runtime's native library cannot be loaded: {e.GetBaseException().Message}",
                e);
        }
    }

    internal static UserException Fault(string name, OnnxRuntimeException e) =>
        new($"ONNX Runtime cannot run \"{name}\": {e.Message.ReplaceLineEndings(" ").Trim()}", e);
}
