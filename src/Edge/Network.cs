using System.Numerics.Tensors;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Edge;

/// <summary>A network with the buffers of one image, which are used for one after the other.</summary>
sealed class Network : IDisposable
{
    readonly Session session;
    readonly DataConfig config;
    readonly EvalTransform transform;
    readonly InputImage? input;
    readonly ClassScores? scores;
    readonly (int Left, int Top, int Width, int Height)? crop;
    readonly float[] room;
    Binding binding;
    Image? frame;

    /// <summary>The size that the buffers are for, of a network that takes images of any.</summary>
    (int Width, int Height) bound;

    Network(Session session, Preparation prepared, Settings settings)
    {
        (this.session, config, crop) = (session, prepared.Config, settings.Crop);
        IsMultiLabel = prepared.IsMultiLabel;
        transform = EvalTransform.Create(config);
        input = InputImage.IsAlone(session) ? null : new(session, config);
        var shapes = InputImage.Shapes(session, config, 1);
        var output = session.Outputs[0];
        scores = ClassScores.IsFeatures(output) ? null
            : ClassScores.Of(session, shapes, settings.Scores ?? ClassScores.KindOf(output));
        binding = session.Bind(shapes);
        Classes = scores?.Classes ?? 0;
        Labels = prepared.LabelsOf(Classes);
        Features = scores is not null ? 0 : (int)binding.OutputShape().Aggregate(1L, (product, size) => product * size);
        room = scores?.Room() ?? new float[Features];
    }

    /// <summary>Scores of an image; 0 where it gives features.</summary>
    public int Classes { get; }

    /// <summary>Features of an image; 0 where it classifies.</summary>
    public int Features { get; }

    /// <summary>Names of the classes: one for each, its index where it has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Whether several classes, or none, may hold of an image.</summary>
    public bool IsMultiLabel { get; }

    /// <summary>Opens a file as the settings say.</summary>
    /// <param name="settings">What is asked for.</param>
    /// <param name="note">Takes what is to be said about it.</param>
    /// <exception cref="UsageException">It does not say how images are prepared, nor do the flags.</exception>
    /// <exception cref="UserException">It cannot be run.</exception>
    public static Network Open(Settings settings, Action<string>? note = null)
    {
        var session = Session.Open(settings.Model, new RuntimeOptions
        {
            Device = settings.Device,
            Threads = settings.Threads,
            Spin = settings.Spin,
        }.With(settings.Ort).Telling(settings.Placement, line => note?.Invoke(line)));
        try
        {
            return new(session, Preparation.Of(session, settings), settings);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Takes an image file.</summary>
    /// <exception cref="UserException">It cannot be decoded, or the crop is not inside.</exception>
    public void Take(ReadOnlySpan<byte> file, string name)
    {
        if (input is not null && crop is null)
        {
            transform.Apply(file, name, input.Target(binding, 0));
            input.Done(binding, 0);
            return;
        }
        using var image = ImageDecoder.Decode(file, name);
        Take(crop is not { } c ? image.View()
            : c.Width > 0 && c.Height > 0 && c.Width <= image.Width - c.Left && c.Height <= image.Height - c.Top
            ? image.View().Crop(c.Left, c.Top, c.Width, c.Height)
            : throw new UserException(
                $"{name}: {c.Width}x{c.Height} at {c.Left},{c.Top} is not inside {image.Width}x{image.Height}."));
    }

    /// <summary>Takes a camera's frame.</summary>
    /// <exception cref="UserException">The crop is not inside.</exception>
    public void Take(Frame pixels)
    {
        var part = crop is { } c ? pixels.Crop(c.Left, c.Top, c.Width, c.Height) : pixels;
        if (frame is null || (frame.Width, frame.Height) != (part.Width, part.Height))
        {
            frame?.Dispose();
            frame = Image.Rent(part.Width, part.Height);
        }
        if (input is not null)
        {
            transform.Apply(part, frame, input.Target(binding, 0));
            input.Done(binding, 0);
            return;
        }
        part.CopyTo(frame);
        Take(frame.View());
    }

    /// <summary>Computes.</summary>
    public void Run() => binding.Run();

    /// <summary>What it gave for the image that it took last.</summary>
    public ReadOnlySpan<float> Result()
    {
        if (scores is not null)
            return scores.Row(binding, 0, room);
        if (session.Outputs[0].Type == DType.Float16)
            TensorPrimitives.ConvertToSingle(binding.Output<Half>(), room);
        else
            binding.Output<float>().CopyTo(room);
        return room;
    }

    /// <summary>The numbers that entered the network, for comparisons.</summary>
    public ReadOnlySpan<T> Input<T>() where T : unmanaged => binding.Input<T>();

    public void Dispose()
    {
        frame?.Dispose();
        binding.Dispose();
        session.Dispose();
    }

    void Take(Pixels image)
    {
        if (input is not null)
        {
            transform.Apply(image, input.Target(binding, 0));
            input.Done(binding, 0);
            return;
        }
        if (InputImage.IsPatches(session) || bound != (image.Width, image.Height))
        {
            binding.Dispose();
            binding = InputImage.Bind(session, config, image);
            bound = (image.Width, image.Height);
        }
        else
            image.CopyRgb(binding.Input<byte>());
    }
}
