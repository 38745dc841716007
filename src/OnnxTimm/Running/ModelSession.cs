using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>A model that is ready to run, from the zoo or from a file, with what is known about it.</summary>
/// <param name="Session">The model in ONNX Runtime.</param>
/// <param name="Card">How images are prepared and classes called.</param>
/// <param name="Name">The name or the file, as given.</param>
/// <param name="ParamCount">Learned values; null where a file does not tell.</param>
/// <param name="Kind">What its output is.</param>
public sealed record ModelSession(
    Session Session, ModelCard Card, string Name, long? ParamCount, ScoreKind Kind = ScoreKind.Logits) : IDisposable
{
    /// <summary>The batch size that the model insists on; null for any.</summary>
    public int? FixedBatch =>
        Session.Inputs[0].Shape is { IsKnown: true } shape && shape[0].IsFixed ? (int)shape[0].Size : null;

    /// <summary>The number of the output that gives what the last linear layer reads; null for none.</summary>
    internal int? FeaturesOutput { get; private init; }

    /// <summary>A model of the zoo, with its weights, as it is built.</summary>
    /// <param name="loaded">The model, which may be disposed of afterwards.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How it is to run.</param>
    public static ModelSession Of(LoadedModel loaded, string name, RuntimeOptions options) =>
        new(GraphSession.Of(loaded.Model.Graph, name, options), loaded.Card, name, loaded.Model.ParamCount);

    /// <summary>Opens a file; one of somebody else's is fed as most are.</summary>
    /// <param name="file">An .onnx or .ort file.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="size">Height and width where the file leaves them open.</param>
    /// <param name="note">Takes a remark for the user.</param>
    public static ModelSession Open(string file, RuntimeOptions options, int? size, Action<string> note) =>
        Open(file, Session.Open(file, options), End(file, out var fault), fault, size, note);

    /// <summary>A model of the zoo as it is deployed, which gives its features beside its logits.</summary>
    /// <param name="loaded">The model, which may be disposed of afterwards.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How it is to run.</param>
    internal static ModelSession WithFeatures(LoadedModel loaded, string name, RuntimeOptions options)
    {
        var graph = Passes.Export.Optimize(loaded.Model.Graph).Graph;
        var own = NetworkEnd.Features(graph);
        if (own is not null)
            graph.Output("pre_logits", own);
        return new(GraphSession.Of(graph, name, options), loaded.Card, name, loaded.Model.ParamCount)
        {
            FeaturesOutput = own is null ? null : graph.Outputs.Count - 1,
        };
    }

    /// <summary>Opens a file so that it gives its features beside its own outputs.</summary>
    internal static ModelSession OpenWithFeatures(
        string file, RuntimeOptions options, int? size, Action<string> note)
    {
        var graph = End(file, out var fault);
        var features = graph is null ? null : NetworkEnd.Features(graph)?.Name;
        var isInside = features is not null && graph!.Outputs.All(o => o.Name != features);
        var session = Session.Open(file, options, isInside ? features : null);
        return Open(file, session, graph, fault, size, note) with
        {
            FeaturesOutput = features is null ? null
                : session.Outputs.Index().First(o => o.Item.Name == features).Index,
        };
    }

    /// <summary>Ends the session when its last binding is gone.</summary>
    public void Dispose() => Session.Dispose();

    static ModelSession Open(
        string file, Session session, Graph? graph, UserException? fault, int? size, Action<string> note)
    {
        try
        {
            var stored = ModelCard.Read(session.Metadata, file);
            var card = CardOf(session, stored, size, note);
            var kind = graph is null ? ScoreKind.Logits : NetworkEnd.Kind(graph);
            if (kind == ScoreKind.Softmax)
                note($"\"{file}\" ends in a softmax: its logits are the logarithms of its probabilities.");
            if (fault is not null && stored is null)
                note($"Whether \"{file}\" ends in a softmax cannot be seen, so that its output is taken as logits: "
                    + fault.Message);
            return new(session, card, file, card.ParamCount, kind);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The network in a file; null where it cannot be read.</summary>
    static Graph? End(string file, out UserException? fault)
    {
        fault = null;
        try
        {
            return File.Exists(file) ? OnnxFile.Read(file) : null;
        }
        catch (UserException e)
        {
            fault = e;
            return null;
        }
    }

    static ModelCard CardOf(Session session, ModelCard? stored, int? size, Action<string> note)
    {
        var file = session.Name;
        if (stored is null)
            note($"\"{file}\" does not say how images are prepared: ImageNet's mean and std, bicubic, crop_pct 0.875 "
                + "are assumed.");
        var card = stored ?? new() { Preprocess = Foreign(session, size) };
        if (size is { } side && session.Inputs is [{ Type: not DType.UInt8, Shape: { IsKnown: true, Rank: 4 } open }]
            && !open[2].IsFixed && !open[3].IsFixed)
            card = card with { Preprocess = card.Preprocess with { Height = side, Width = side } };
        if (size is not null && InputImage.IsPatches(session))
            throw new UserException($"\"{file}\" takes patches of images of any shape: --naflex-max-seq-len says how "
                + "many, not --img-size.");
        return size is not { } asked || (asked, asked) == (card.Preprocess.Height, card.Preprocess.Width)
            ? card
            : throw new UserException($"\"{file}\" takes images of {card.Preprocess.Height}x{card.Preprocess.Width}, "
                + $"not {asked}x{asked}.");
    }

    static DataConfig Foreign(Session session, int? size)
    {
        if (session.Inputs is not [{ Type: DType.Float32, Shape: { IsKnown: true, Rank: 4 } shape }])
            throw new UserException($"\"{session.Name}\" does not take images [N, C, H, W]: it has "
                + $"{string.Join(", ", session.Inputs)}.");
        return new()
        {
            Channels = shape[1].IsFixed ? (int)shape[1].Size : 3,
            Height = shape[2].IsFixed ? (int)shape[2].Size : size ?? 224,
            Width = shape[3].IsFixed ? (int)shape[3].Size : size ?? 224,
        };
    }
}
