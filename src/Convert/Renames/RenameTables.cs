namespace OnnxTimm.Conversion;

/// <summary>
/// The code bases whose checkpoints load under timm's names. A table is chosen by the names in the file, so nobody has
/// to say where a file comes from.
/// </summary>
public static class RenameTables
{
    /// <summary>The first that recognises a file is taken.</summary>
    public static readonly RenameTable[] All =
    [
        EfficientNetLite.Lite0,
        CifarResNet.Idelbayev,
        DenseNet.Torchvision,
        Gluon.Attributes,
        Gluon.Sequence,
        Gluon.Counters,
        Gluon.List,
        Flax.HybridStages,
        Flax.HybridStem,
        Flax.VisionTransformer,
        Flax.Mixer,
        Flax.Nest,
        Flax.Bit,
        RenameTable.Timm,
    ];

    /// <summary>The table for a file with these names.</summary>
    public static RenameTable For(ICollection<string> names) => All.First(table => table.Recognises(names));

    /// <summary>The tensors of a file under timm's names.</summary>
    /// <param name="file">Tensors under the names of their code base.</param>
    /// <param name="model">Names and shapes of the model, by which some tables count; may be empty.</param>
    /// <exception cref="UserException">Two tensors come out under one name.</exception>
    public static Renamed Apply(StateDict file, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        var table = For(file.Keys);
        IReadOnlyList<Entry> entries = [.. file.Select(tensor => new Entry(tensor.Key, tensor.Value))];
        var skipped = new List<(string Name, string Reason)>();
        foreach (var row in table.Rows)
        {
            Entry[] next = [.. row.Apply(entries, model)];
            if (row is Skip skip)
                skipped.AddRange(entries.Except(next).SelectMany(entry => entry.Sources).Select(name =>
                    (name, skip.Reason)));
            if (next.CountBy(entry => entry.Name).FirstOrDefault(count => count.Value > 1).Key is { } twice)
                throw new UserException($"\"{file.Source}\", read as {table.Origin}, has \"{twice}\" twice.");
            entries = next;
        }
        return new(table, entries, skipped);
    }
}

/// <summary>A file under timm's names.</summary>
/// <param name="Table">The table that was taken.</param>
/// <param name="Entries">The tensors, about in the file's order.</param>
/// <param name="Skipped">Names in the file of what no model of timm's has, and what that is.</param>
public sealed record Renamed(
    RenameTable Table, IReadOnlyList<Entry> Entries, IReadOnlyList<(string Name, string Reason)> Skipped);
