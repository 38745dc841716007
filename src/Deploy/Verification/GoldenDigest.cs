using System.Runtime.InteropServices;
using System.Text.Json;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Deploy;

/// <summary>Some numbers of an output: every so-many-th, from the first on.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Step">From one of them to the next.</param>
/// <param name="Values">The numbers.</param>
public sealed record GoldenOutput(string Name, int Step, float[] Values)
{
    const int MostValues = 4096;

    /// <summary>All numbers of an output, or so many that a file can carry them.</summary>
    public static GoldenOutput Of(string name, float[] all)
    {
        var step = Math.Max(1, (all.Length + MostValues - 1) / MostValues);
        return new(name, step, Every(all, step));
    }

    /// <summary>How far an output is from it.</summary>
    public double Distance(float[] all) => Deploy.Distance.Of(Every(all, Step), Values);

    static float[] Every(float[] all, int step) => step == 1 ? all : [.. all.Where((_, i) => i % step == 0)];
}

/// <summary>
/// The digest that a file carries: what the network gave for an input that anyone can make, before any pass.
/// </summary>
/// <param name="Shape">Sizes of the input.</param>
/// <param name="Outputs">What it gave.</param>
/// <param name="Tolerance">The largest <see cref="Distance"/> that is allowed.</param>
public sealed record GoldenDigest(long[] Shape, IReadOnlyList<GoldenOutput> Outputs, double Tolerance)
{
    /// <summary>Its key in the metadata.</summary>
    public const string Key = "onnxtimm.golden";

    const int Form = 1;

    const long MostNumbers = 1 << 28;

    /// <summary>Runs a network on the input.</summary>
    /// <param name="session">The network.</param>
    /// <param name="names">The outputs that are kept; those without floating-point numbers are not.</param>
    /// <param name="tolerance">The largest distance that is allowed.</param>
    /// <param name="config">How images are prepared, for a network that takes patches; what it says by default.</param>
    public static GoldenDigest Of(
        Session session, IReadOnlyCollection<string> names, double tolerance, DataConfig? config = null)
    {
        var shape = InputImage.IsPatches(session) ? ImageShape(Known(config, session))
            : (long[])[.. session.Inputs[0].Shape.Select(d => d.IsFixed ? d.Size : 1)];
        return new(shape, Kept(Run(session, shape, config), names), tolerance);
    }

    /// <summary>
    /// Runs a network on an image that is prepared as images are: the digest of the same network with its preprocessing
    /// in the graph, where a pixel may be one off.
    /// </summary>
    public static GoldenDigest OfImage(
        Session session, DataConfig config, IReadOnlyCollection<string> names, double tolerance)
    {
        var shape = ImageShape(config);
        using var image = ImageOf(shape);
        using var binding = session.Bind([1, config.Channels, config.Height, config.Width]);
        EvalTransform.Create(config).Apply(image.View(), binding.Input<float>());
        return new(shape, Kept(Results(session, binding), names), Math.Max(tolerance, Distance.OnePixelOff));
    }

    /// <summary>The digest of a file; null where it has none.</summary>
    /// <exception cref="UserException">It is there and cannot be read.</exception>
    public static GoldenDigest? Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        if (!metadata.TryGetValue(Key, out var json))
            return null;
        try
        {
            var o = JsonDocument.Parse(json).RootElement;
            if (o.GetProperty("form").GetInt32() != Form || o.GetProperty("input").GetString() != GoldenInput.Rule)
                throw new UserException($"The digest of \"{file}\" is of a newer form than this program's.");
            return new(Sizes([.. o.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]),
                [.. o.GetProperty("outputs").EnumerateArray().Select(Output)], o.GetProperty("tolerance").GetDouble());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException)
        {
            throw new UserException($"The digest of \"{file}\" is damaged: {e.Message}", e);
        }
    }

    /// <summary>The value of the key.</summary>
    public string ToJson() => Json.Text(w =>
    {
        w.WriteStartObject();
        w.WriteNumber("form", Form);
        w.WriteString("input", GoldenInput.Rule);
        w.WritePropertyName("shape");
        Json.Value(w, Shape);
        w.WriteNumber("tolerance", Tolerance);
        w.WriteStartArray("outputs");
        foreach (var output in Outputs)
        {
            w.WriteStartObject();
            w.WriteString("name", output.Name);
            w.WriteNumber("step", output.Step);
            w.WriteBase64String("float32", MemoryMarshal.AsBytes<float>(output.Values));
            w.WriteEndObject();
        }
        w.WriteEndArray();
        w.WriteEndObject();
    }, indented: false);

    /// <summary>Runs a network on the input again: how far each output is, in the order of the digest.</summary>
    /// <param name="session">The network.</param>
    /// <param name="config">How images are prepared, for a network that takes patches; what it says by default.</param>
    /// <exception cref="UserException">It does not take the input, or lacks an output.</exception>
    public IReadOnlyList<(string Name, double Distance)> Check(Session session, DataConfig? config = null)
    {
        var found = Run(session, Shape, config).ToDictionary(o => o.Name, o => o.Values);
        return [.. Outputs.Select(o => (o.Name, o.Distance(found.GetValueOrDefault(o.Name)
            ?? throw new UserException($"\"{session.Name}\" has no output \"{o.Name}\", as its digest has."))))];
    }

    /// <summary>Four sizes that an image has: nothing is allocated for what a file merely claims.</summary>
    static long[] Sizes(long[] shape) => shape is [_, _, _, _] && shape.All(d => d is > 0 and <= DataConfig.LargestSide)
        && shape.Aggregate((Int128)1, (product, d) => product * d) <= MostNumbers ? shape
        : throw new FormatException($"no input has the shape [{string.Join(", ", shape)}]");

    static GoldenOutput Output(JsonElement o) => new(o.GetProperty("name").GetString()!,
        Math.Max(1, o.GetProperty("step").GetInt32()),
        MemoryMarshal.Cast<byte, float>(o.GetProperty("float32").GetBytesFromBase64()).ToArray());

    static IReadOnlyList<GoldenOutput> Kept(
        IEnumerable<(string Name, float[] Values)> outputs, IReadOnlyCollection<string> names) =>
        [.. outputs.Where(o => names.Contains(o.Name)).Select(o => GoldenOutput.Of(o.Name, o.Values))];

    static DataConfig Known(DataConfig? config, Session session) =>
        config ?? ModelCard.Read(session.Metadata, session.Name)?.Preprocess ?? new();

    static long[] ImageShape(DataConfig config) => [1, config.Height * 5 / 4 + 1, config.Width * 4 / 3 + 2, 3];

    static Image ImageOf(long[] shape) => Image.FromRgb(GoldenInput.Bytes(shape), (int)shape[2], (int)shape[1]);

    static List<(string Name, float[] Values)> Run(Session session, long[] shape, DataConfig? config)
    {
        if (InputImage.IsPatches(session))
        {
            using var image = ImageOf(shape);
            using var patches = InputImage.Bind(session, Known(config, session), image.View());
            return Results(session, patches);
        }
        using var binding = session.Bind(shape);
        switch (session.Inputs[0].Type)
        {
            case DType.UInt8:
                GoldenInput.Bytes(shape).CopyTo(binding.Input<byte>());
                break;
            case DType.Float16:
                Array.ConvertAll(GoldenInput.Floats(shape), x => (Half)x).CopyTo(binding.Input<Half>());
                break;
            case DType.Float32:
                GoldenInput.Floats(shape).CopyTo(binding.Input<float>());
                break;
            default:
                throw new UserException($"\"{session.Name}\" takes no image: {session.Inputs[0]}.");
        }
        return Results(session, binding);
    }

    static List<(string Name, float[] Values)> Results(Session session, Binding binding)
    {
        binding.Run();
        var all = session.Outputs.Select((port, i) => (port.Name, Values: binding.Floats(i)));
        return [.. all.Where(o => o.Values is not null).Select(o => (o.Name, o.Values!))];
    }
}
