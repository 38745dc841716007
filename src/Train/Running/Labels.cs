using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>Labels must be classes of the network, and mean the same in both sets.</summary>
static class Labels
{
    /// <exception cref="UserException">They are not; the message says which.</exception>
    public static void Check(Trainee trainee, IDataset train, IDataset? eval)
    {
        var classes = trainee.Graph.Find("logits") is { } logits ? logits.Features : 0;
        foreach (var (set, name) in new[] { (train, "training"), (eval, "validation") })
            for (var i = 0; i < set?.Count && !set.IsMultiLabel; i++)
                if (set.Label(i) < 0 || set.Label(i) >= classes)
                    throw new UserException($"\"{set.Name(i)}\" of the {name} set has the label {set.Label(i)}; "
                        + $"{trainee.Architecture} has {Amount.Of(classes, "class")}.");
        if (train.IsMultiLabel && train.Classes.Count > classes)
            throw new UserException(
                $"The data have {Amount.Of(train.Classes.Count, "class")}, {trainee.Architecture} {classes}.");
        if (eval is not null && !eval.Classes.SequenceEqual(train.Classes))
            throw new UserException("The sets have different classes, so that a label would mean two things: "
                + $"training has {List(train.Classes.Except(eval.Classes))} alone, "
                + $"validation {List(eval.Classes.Except(train.Classes))}. Give --class-map.");

        static string List(IEnumerable<string> names) => names.Any() ? string.Join(", ", names.Take(5)) : "none";
    }
}
