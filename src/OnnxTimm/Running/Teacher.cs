using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>A teacher, as asked for.</summary>
/// <param name="Model">A name of the zoo, or an .onnx file.</param>
/// <param name="Weights">A file with the weights of a name; null for its pretrained ones.</param>
/// <param name="Images">The images that the student sees.</param>
/// <param name="Batch">How many at once.</param>
/// <param name="Classes">Classes that the student tells apart.</param>
/// <param name="Features">Whether it gives features, not logits.</param>
/// <param name="Runtime">Device and threads.</param>
sealed record TeacherRequest(
    string Model, string? Weights, DataConfig Images, int Batch, int Classes, bool Features, RuntimeOptions Runtime);

/// <summary>A model of the zoo, or a file, that a training learns from: it runs in a session of its own.</summary>
sealed class Teacher : ITeacher, IDisposable
{
    readonly ModelSession model;
    readonly Binding binding;
    readonly (float Scale, float Shift)[] channels;
    readonly int plane, output;

    Teacher(ModelSession model, TeacherRequest request)
    {
        var images = request.Images;
        (this.model, plane) = (model, images.Height * images.Width);
        output = !request.Features ? 0 : model.FeaturesOutput
            ?? throw new UserException(
                $"The teacher \"{model.Name}\" has no linear layer whose input would be features.");
        if (!request.Features && model.Kind != ScoreKind.Logits || model.Session.Outputs[output].Type != DType.Float32)
            throw new UserException($"The teacher \"{model.Name}\" gives no logits in float32, but "
                + $"{model.Session.Outputs[output]} by a {model.Kind}.");
        binding = model.Session.Bind([request.Batch, images.Channels, images.Height, images.Width]);
        if (binding.OutputShape(output) is not [_, var count] || !request.Features && count != request.Classes)
            throw new UserException($"The teacher \"{model.Name}\" gives "
                + $"[{string.Join(", ", binding.OutputShape(output))}]; the training has {request.Classes} classes.");
        Width = (int)count;
        channels = Between(images, model.Card.Preprocess);
    }

    /// <summary>Values of an image: classes, or features.</summary>
    public int Width { get; }

    /// <summary>Opens it, for the student's images.</summary>
    /// <exception cref="UserException">There is none, or it takes other images or gives other classes.</exception>
    public static Teacher Open(TeacherRequest request, IProgress<DownloadProgress> progress, Action<string> note)
    {
        var model = Path.GetExtension(request.Model) is ".onnx" or ".ort"
            ? OfFile(request, note)
            : OfName(request, progress);
        try
        {
            return new(model, request);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Run(ReadOnlySpan<float> images, Span<float> rows)
    {
        var input = binding.Input<float>();
        images.CopyTo(input);
        if (channels.Any(c => c != (1, 0)))
            Prepare(input);
        binding.Run();
        binding.Output<float>(output).CopyTo(rows);
    }

    public void Dispose()
    {
        binding.Dispose();
        model.Dispose();
    }

    static ModelSession OfFile(TeacherRequest request, Action<string> note) => request.Weights is not null
        ? throw new UserException($"\"{request.Model}\" is complete: weights belong to a name.")
        : request.Features ? ModelSession.OpenWithFeatures(request.Model, request.Runtime, null, note)
        : ModelSession.Open(request.Model, request.Runtime, null, note);

    static ModelSession OfName(TeacherRequest request, IProgress<DownloadProgress> progress)
    {
        using var loaded = ModelLoader.Load(new(request.Model)
        {
            Pretrained = request.Weights is null,
            Checkpoint = request.Weights,
            Options = new()
            {
                ImgSize = (request.Images.Height, request.Images.Width),
                InChans = request.Images.Channels,
            },
        }, progress);
        return request.Features ? ModelSession.WithFeatures(loaded, request.Model, request.Runtime)
            : ModelSession.Of(loaded, request.Model, request.Runtime);
    }

    /// <summary>From the student's images to those that the teacher was trained on, channel by channel.</summary>
    static (float, float)[] Between(DataConfig student, DataConfig teacher) =>
    [
        .. student.Mean.Zip(student.Std).Zip(teacher.Mean.Zip(teacher.Std)).Select(c =>
            ((float)(c.First.Second / c.Second.Second),
                (float)((c.First.First - c.Second.First) / c.Second.Second))),
    ];

    void Prepare(Span<float> images)
    {
        for (var i = 0; i < images.Length / plane; i++)
        {
            var (scale, shift) = channels[i % channels.Length];
            foreach (ref var x in images.Slice(i * plane, plane))
                x = x * scale + shift;
        }
    }
}
