using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>
/// A model that says what is in images, and gives their features. Any number of threads may use one at the same time;
/// each call takes buffers from a pool. Numbers do not depend on how many do.
/// </summary>
/// <example>
/// <code>
/// using var model = Classifier.Open("model_best.onnx");
/// foreach (var p in model.Classify("photo.jpg"))
///     Console.WriteLine($"{p.Label}: {p.Probability:P1}");
/// </code>
/// </example>
public sealed partial class Classifier : IDisposable
{
    readonly ModelSession model;
    readonly BindingPool pool;
    readonly ClassScores? scores;
    readonly UserException? refusal;
    readonly Embedder embedder;

    Classifier(ModelSession model, ClassifierOptions options)
    {
        this.model = model;
        Preprocess = options.Preprocess?.Invoke(model.Card.Preprocess) ?? model.Card.Preprocess;
        var images = InputImage.Shapes(model.Session, Preprocess, model.FixedBatch ?? 1);
        try
        {
            scores = ClassScores.Of(model.Session, images, model.Kind);
        }
        catch (UserException e)
        {
            refusal = e;
        }
        Labels = options.Labels ?? model.Card.Labels;
        pool = new(model.Session, Preprocess, images);
        embedder = new(model, scores is not null, options.Pool);
    }

    /// <summary>The file, or the model's name, as it was given.</summary>
    public string Name => model.Name;

    /// <summary>Names of the classes in their order; empty where they are not known.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How images are prepared.</summary>
    public DataConfig Preprocess { get; }

    /// <summary>How many classes it tells apart; 0 for a model without a classifier.</summary>
    public int Classes => scores?.Classes ?? 0;

    /// <summary>Opens a file; it says itself how images are prepared and what classes are called.</summary>
    /// <param name="file">An .onnx or .ort file, of OnnxTimm or of any other program.</param>
    /// <param name="options">How it is to run; null for the defaults.</param>
    /// <exception cref="UserException">There is no such file, or ONNX Runtime does not take it.</exception>
    /// <example>
    /// <code>
    /// using var model = Classifier.Open("model_best.onnx");
    /// </code>
    /// </example>
    public static Classifier Open(string file, ClassifierOptions? options = null)
    {
        options ??= new();
        return Of(ModelSession.OpenWithFeatures(file, options.Runtime, options.ImgSize, options.Remark ?? Nobody),
            options);
    }

    /// <summary>Builds a model by its name; weights that are not on this machine are downloaded.</summary>
    /// <param name="name">timm's name, with or without a tag, such as "resnet50.a1_in1k".</param>
    /// <param name="weights">
    /// A file or folder of weights of any kind that is read, or a tag of timm's pretrained weights; null for those of
    /// the name.
    /// </param>
    /// <param name="options">How it is to run; null for the defaults.</param>
    /// <exception cref="UserException">No such model or weights, or no connection.</exception>
    /// <example>
    /// <code>
    /// using var model = Classifier.Create("tf_efficientnet_lite0", "tf_efficientnet_lite0.safetensors");
    /// </code>
    /// </example>
    public static Classifier Create(string name, string? weights = null, ClassifierOptions? options = null) =>
        CreateAsync(name, weights, options).GetAwaiter().GetResult();

    /// <summary>The same, without keeping a thread while weights are downloaded.</summary>
    /// <inheritdoc cref="Create"/>
    /// <param name="name">timm's name, with or without a tag, such as "resnet50.a1_in1k".</param>
    /// <param name="weights">
    /// A file or folder of weights of any kind that is read, or a tag of timm's pretrained weights; null for those of
    /// the name.
    /// </param>
    /// <param name="options">How it is to run; null for the defaults.</param>
    /// <param name="progress">Takes how far a download is, on any thread.</param>
    /// <param name="cancel">Ends a download.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example>
    /// <code>
    /// var progress = new Progress&lt;DownloadProgress>(p => bar.Report(p.Done, p.Total));
    /// using var model = await Classifier.CreateAsync("resnet50", "a1_in1k", progress: progress, cancel: token);
    /// </code>
    /// </example>
    public static async Task<Classifier> CreateAsync(string name, string? weights = null,
        ClassifierOptions? options = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancel = default)
    {
        options ??= new();
        var request = ModelRequest.Of(name, weights) with { Options = options.Model };
        using var loaded = await ModelLoader.LoadAsync(request, progress, cancel).ConfigureAwait(false);
        if (options.Remark is { } remark && loaded.Note.Length > 0)
            remark(loaded.Note);
        return Of(loaded, options);
    }

    /// <summary>Runs a model that was loaded; what <see cref="ClassifierOptions.Model"/> says is not asked.</summary>
    /// <param name="loaded">The model, which may be disposed of afterwards.</param>
    /// <param name="options">How it is to run; null for the defaults.</param>
    /// <exception cref="UserException">ONNX Runtime does not take it.</exception>
    public static Classifier Of(LoadedModel loaded, ClassifierOptions? options = null)
    {
        options ??= new();
        return Of(ModelSession.WithFeatures(loaded, loaded.Card.Architecture, options.Runtime), options);
    }

    /// <summary>Ends the model. Calls that are in progress end; others throw.</summary>
    public void Dispose()
    {
        model.Dispose();
        pool.Dispose();
    }

    static Classifier Of(ModelSession model, ClassifierOptions options)
    {
        try
        {
            return new(model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    static void Nobody(string remark)
    {
    }
}
