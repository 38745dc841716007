using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm;

public sealed partial class Classifier
{
    /// <summary>What messages call an image that has no name.</summary>
    const string Unnamed = "The image";

    /// <summary>Says what is in an image file.</summary>
    /// <param name="path">A file that can be decoded: JPEG, PNG, WebP, GIF, BMP.</param>
    /// <param name="top">How many classes, best first.</param>
    /// <exception cref="UserException">No such file, no image, or a model without classes.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <example>
    /// <code>
    /// Prediction[] likeliest = model.Classify("photo.jpg", top: 5);
    /// </code>
    /// </example>
    public Prediction[] Classify(string path, int top = 5)
    {
        using var own = pool.Rent();
        Prepare(own, own.Buffer.Read(path), path);
        return Predict(own.Binding, top);
    }

    /// <summary>Says what is in an image file that lies in memory.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="top">How many classes, best first.</param>
    /// <exception cref="UserException">No image, or a model without classes.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public Prediction[] Classify(ReadOnlySpan<byte> encoded, int top = 5)
    {
        using var own = pool.Rent();
        Prepare(own, encoded, Unnamed);
        return Predict(own.Binding, top);
    }

    /// <summary>
    /// Says what is in an image whose pixels lie in memory: of a camera, a video or an image library.
    /// </summary>
    /// <param name="pixels">From the first pixel on.</param>
    /// <param name="format">How they lie.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without gaps.</param>
    /// <param name="top">How many classes, best first.</param>
    /// <exception cref="UserException">Fewer bytes than such an image has, or a model without classes.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <example>
    /// <code>
    /// var seen = model.Classify(frame, PixelFormat.Bgr24, 640, 480);
    /// </code>
    /// </example>
    public Prediction[] Classify(
        ReadOnlySpan<byte> pixels, PixelFormat format, int width, int height, int stride = 0, int top = 5)
    {
        using var own = pool.Rent();
        own.Take(new Frame(pixels, format, width, height, stride));
        return Predict(own.Binding, top);
    }

    /// <summary>Says what is in an image file that comes by a stream, such as the body of a request.</summary>
    /// <param name="image">The file, up to the stream's end.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="UserException">No image, or a model without classes.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example>
    /// <code>
    /// app.MapPost("/", async (HttpRequest request, CancellationToken cancel) =>
    ///     await model.ClassifyAsync(request.Body, cancel));
    /// </code>
    /// </example>
    public Task<Prediction[]> ClassifyAsync(Stream image, CancellationToken cancel = default) =>
        ClassifyAsync(image, 5, cancel);

    /// <inheritdoc cref="ClassifyAsync(Stream, CancellationToken)"/>
    /// <param name="image">The file, up to the stream's end.</param>
    /// <param name="top">How many classes, best first.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<Prediction[]> ClassifyAsync(Stream image, int top, CancellationToken cancel = default)
    {
        var bytes = await ImageStream.ReadAsync(image, cancel).ConfigureAwait(false);
        return await Task.Run(() => Classify(bytes.Span, top), cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Says what is in image files, in their order, on all cores. Files are read as results are taken, a few ahead.
    /// </summary>
    /// <param name="files">The files; nothing is read before the first result is asked for.</param>
    /// <param name="top">How many classes of each, best first.</param>
    /// <param name="fault">
    /// Takes files that cannot be read, which are then left out, in their order; null to throw at the first.
    /// </param>
    /// <exception cref="UserException">A file is no image, or the model has no classes.</exception>
    /// <example>
    /// <code>
    /// foreach (var (file, p) in model.ClassifyAll(Directory.EnumerateFiles("photos")))
    ///     Console.WriteLine($"{file} {p[0]}");
    /// </code>
    /// </example>
    public IEnumerable<(string File, Prediction[] Predictions)> ClassifyAll(
        IEnumerable<string> files, int top = 5, Action<string, UserException>? fault = null)
    {
        CheckClasses(top);
        return Ahead.Ordered(files, file => Classify(file, top), fault);
    }

    static void Prepare(BindingPool.Lent own, ReadOnlySpan<byte> encoded, string name)
    {
        try
        {
            own.Take(encoded, name);
        }
        catch (Exception e) when (e is not (UserException or ObjectDisposedException))
        {
            throw ImageDecoder.Fault(name, e);
        }
    }

    ClassScores CheckClasses(int top) =>
        top < 1 ? throw new UserException($"At least one class is asked for, not {top}.")
        : scores ?? throw new UserException(refusal!.Message, refusal);

    Prediction[] Predict(Binding binding, int top)
    {
        var rows = CheckClasses(top);
        binding.Run();
        var best = Logits.Top(rows.Row(binding, 0, rows.Room()), top, model.Card.IsMultiLabel);
        return [.. best.Index.Select((index, i) => new Prediction(
            index, ModelCard.LabelOf(Labels, index), best.Prob[i]))];
    }
}
