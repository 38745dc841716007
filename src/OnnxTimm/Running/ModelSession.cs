using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

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
    /// <summary>Bytes of weights above which a model goes to ONNX Runtime through a file.</summary>
    const long LargestInMemory = 1_500_000_000;

    /// <summary>Scores of an image; null where the file does not say.</summary>
    long? Classes => Session.Outputs is [{ Shape: { IsKnown: true, Rank: 2 } shape }, ..] && shape[1].IsFixed
        ? shape[1].Size : null;

    /// <summary>The batch size that the model insists on; null for any.</summary>
    public int? FixedBatch =>
        Session.Inputs[0].Shape is { IsKnown: true } shape && shape[0].IsFixed ? (int)shape[0].Size : null;

    /// <summary>A model of the zoo, with its weights.</summary>
    /// <param name="loaded">The model, which may be disposed of afterwards.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How it is to run.</param>
    public static ModelSession Of(LoadedModel loaded, string name, RuntimeOptions options)
    {
        var graph = loaded.Model.Graph;
        if (graph.Stored.Sum(v => v.Data!.ByteCount) <= LargestInMemory)
            return new(Session.Load(OnnxFile.ToBytes(graph), name, options), loaded.Card, name,
                loaded.Model.ParamCount);
        var folder = Directory.CreateTempSubdirectory("onnxtimm");
        try
        {
            var file = Path.Combine(folder.FullName, "model.onnx");
            OnnxFile.Write(graph, file);
            return new(Session.Open(file, options), loaded.Card, name, loaded.Model.ParamCount);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Opens a file; one of somebody else's is fed as most are.</summary>
    /// <param name="file">An .onnx or .ort file.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="size">Height and width where the file leaves them open.</param>
    /// <param name="note">Takes a remark for the user.</param>
    public static ModelSession Open(string file, RuntimeOptions options, int? size, Action<string> note)
    {
        var session = Session.Open(file, options);
        try
        {
            var stored = ModelCard.Read(session.Metadata, file);
            var card = CardOf(session, stored, size, note);
            return new(session, card, file, card.ParamCount, KindOf(file, stored is null, note));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Ends the session when its last binding is gone.</summary>
    public void Dispose() => Session.Dispose();

    static ModelCard CardOf(Session session, ModelCard? stored, int? size, Action<string> note)
    {
        var file = session.Name;
        if (stored is null)
            note($"\"{file}\" does not say how images are prepared: ImageNet's mean and std, bicubic, crop_pct 0.875 "
                + "are assumed.");
        var card = stored ?? new() { Preprocess = Foreign(session, size) };
        return size is not { } asked || (asked, asked) == (card.Preprocess.Height, card.Preprocess.Width)
            ? card
            : throw new UserException($"\"{file}\" takes images of {card.Preprocess.Height}x{card.Preprocess.Width}, "
                + $"not {asked}x{asked}.");
    }

    /// <summary>What a file gives, by the operator that it ends in.</summary>
    static ScoreKind KindOf(string file, bool isForeign, Action<string> note)
    {
        try
        {
            var kind = (OnnxFile.Read(file).Outputs is [var first, ..] ? LastOf(first) : null) switch
            {
                { Op: "Softmax" } => ScoreKind.Softmax,
                { Op: "Sigmoid" or "HardSigmoid" } => ScoreKind.Sigmoid,
                _ => ScoreKind.Logits,
            };
            if (kind == ScoreKind.Softmax)
                note($"\"{file}\" ends in a softmax: its logits are the logarithms of its probabilities.");
            return kind;
        }
        catch (UserException e)
        {
            if (isForeign)
                note($"Whether \"{file}\" ends in a softmax cannot be seen, so that its output is taken as logits: "
                    + e.Message);
            return ScoreKind.Logits;
        }
    }

    /// <summary>The operator that a value comes from, but for those that leave numbers as they are.</summary>
    static Node? LastOf(Value value)
    {
        var n = value.Producer;
        while (n is { Op: "Cast" or "Dropout" or "Flatten" or "Identity" or "Reshape" or "Squeeze" } && n.Has(0))
            n = n[0].Producer;
        return n;
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
