using System.Numerics.Tensors;

namespace OnnxTimm.Infer;

/// <summary>What the numbers are that a classifier gives.</summary>
public enum ScoreKind
{
    /// <summary>A softmax makes them probabilities.</summary>
    Logits,

    /// <summary>The model ends in a softmax.</summary>
    Softmax,

    /// <summary>The model ends in a sigmoid: several classes, or none, may hold of an image.</summary>
    Sigmoid,
}

/// <summary>
/// The first output of a model as logits, a row an image: float16 is widened, and a softmax undone by a logarithm,
/// which gives logits of the same probabilities.
/// </summary>
public sealed class ClassScores
{
    /// <summary>
    /// What outputs without classes are called, here and by Hugging Face: one vector an image before what has places.
    /// </summary>
    static readonly string[] FeatureNames = ["embed", "pooler", "feature", "hidden_state"];

    readonly DType type;
    readonly ScoreKind kind;

    ClassScores(DType type, ScoreKind kind, int classes) => (this.type, this.kind, Classes) = (type, kind, classes);

    /// <summary>Scores of an image.</summary>
    public int Classes { get; }

    /// <summary>Looks at what a model gives for a batch of images.</summary>
    /// <param name="session">The model.</param>
    /// <param name="images">Sizes of its inputs for a batch.</param>
    /// <param name="kind">What the numbers are: a session does not tell.</param>
    /// <exception cref="UserException">Something other than scores [N, classes] of float32 or float16.</exception>
    public static ClassScores Of(Session session, long[][] images, ScoreKind kind = ScoreKind.Logits)
    {
        UserException Refusal(string why) => new($"\"{session.Name}\" does not classify: {why}.");
        if (session.Outputs is not [var output, ..])
            throw Refusal("it has no output");
        if (output.Type is not (DType.Float32 or DType.Float16))
            throw Refusal($"its output {output} is not of Float32 or Float16");
        if (IsFeatures(output))
            throw Refusal($"its output {output} is features; it has no classifier (embed gives them)");
        if (kind == ScoreKind.Sigmoid)
            throw Refusal($"its output {output} comes from a sigmoid, a probability of its own for each class");
        using var binding = session.Bind(images);
        return binding.OutputShape() is [var n, > 0 and var classes] && n == images[0][0]
            ? new(output.Type, kind, (int)classes)
            : throw Refusal($"its output {output} has the shape [{string.Join(", ", binding.OutputShape())}] for "
                + $"{images[0][0]} images, not [{images[0][0]}, classes]");
    }

    /// <summary>
    /// What an output of ours gives, by its name; where the network can be read, its end tells of any.
    /// </summary>
    public static ScoreKind KindOf(Port output) =>
        output.Name == "probabilities" ? ScoreKind.Softmax : ScoreKind.Logits;

    /// <summary>Whether an output gives features by its name, as those of encoders do.</summary>
    public static bool IsFeatures(Port output) =>
        FeatureNames.Any(name => output.Name.Contains(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The output that gives features by its name; null where none does, or several alike.</summary>
    public static int? FeaturesAmong(IReadOnlyList<Port> outputs) => FeatureNames
        .Select(name => outputs.Index().Where(o => o.Item.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
            .Select(o => o.Index).ToArray())
        .FirstOrDefault(found => found.Length > 0) is [var one] ? one : null;

    /// <summary>Room for a row of its own.</summary>
    public float[] Room() => (type, kind) == (DType.Float32, ScoreKind.Logits) ? [] : new float[Classes];

    /// <summary>The logits of an image of a batch, after a call.</summary>
    /// <param name="binding">What ran.</param>
    /// <param name="image">Number of the image in the batch.</param>
    /// <param name="room">Room for a row, which is used where the output's own numbers do not serve.</param>
    public ReadOnlySpan<float> Row(Binding binding, int image, Span<float> room)
    {
        var at = image * Classes;
        if ((type, kind) == (DType.Float32, ScoreKind.Logits))
            return binding.Output<float>().Slice(at, Classes);
        room = room[..Classes];
        if (type == DType.Float16)
            TensorPrimitives.ConvertToSingle(binding.Output<Half>().Slice(at, Classes), room);
        else
            binding.Output<float>().Slice(at, Classes).CopyTo(room);
        if (kind == ScoreKind.Softmax)
            TensorPrimitives.Log(room, room);
        return room;
    }
}
