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
        ConvNeXts.ConvNeXt,
        ConvNeXts.MambaOut,
        ConvNeXts.MetaFormer,
        Sequences.PoolFormer,
        Sequences.EfficientFormer,
        Sequences.SwiftFormer,
        Sequences.FastVit,
        Clip.VisionTransformer,
        Clip.ResNet,
        Clip.MobileClip,
        Dino.V2,
        Dino.V2Registers,
        Dino.V3,
        Eva.Eva02,
        VisionTransformers.Beit3,
        VisionTransformers.Aim,
        VisionTransformers.Deit3,
        VisionTransformers.WithRepresentation,
        VisionTransformers.IntoNaFlex,
        VisionTransformers.Sam,
        VisionTransformers.Sam2,
        VisionTransformers.Hiera,
        VisionTransformers.Gemma,
        Windows.Swin,
        Windows.SwinV2Cr,
        Windows.FocalNet,
        Windows.DaVit,
        Windows.Florence,
        Pyramids.MViT,
        Pyramids.PvtV2,
        Pyramids.Pit,
        Pyramids.CoaT,
        Pyramids.CrossVit,
        Pyramids.Xcit,
        Pyramids.Tnt,
        Pyramids.ResMlp,
        Pyramids.Sequencer,
        Pyramids.NextVit,
        ConvNets.RegNet,
        ConvNets.Seer,
        ConvNets.TResNet,
        ConvNets.Vgg,
        ConvNets.RdNet,
        ConvNets.GhostNet,
        ConvNets.CpuBone,
        ConvNets.CsatV2,
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
    /// <param name="names">What the file has.</param>
    /// <param name="model">What the model has; tables that ask for it are not taken without.</param>
    public static RenameTable For(ICollection<string> names, IEnumerable<string> model)
    {
        var known = model.ToHashSet();
        return All.First(table =>
            table.Recognises(names) && (table.ModelHas.Length == 0 || known.Contains(table.ModelHas)));
    }

    /// <summary>The tensors of a file under timm's names.</summary>
    /// <param name="file">Tensors under the names of their code base.</param>
    /// <param name="model">Names and shapes of the model, by which some tables count; may be empty.</param>
    /// <exception cref="UserException">Two tensors come out under one name.</exception>
    public static Renamed Apply(StateDict file, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        Renamed whole = new(RenameTable.Timm, [.. file.Select(tensor => new Entry(tensor.Key, tensor.Value))], []);
        var tower = Towers.Find(file.Keys);
        var part = tower is null ? whole : Through(whole, tower, model, file.Source);
        var table = For([.. part.Entries.Select(entry => entry.Name)], model.Select(tensor => tensor.Name));
        var renamed = Through(part, table, model, file.Source);
        return tower is not null && table == RenameTable.Timm ? renamed with { Table = tower } : renamed;
    }

    static Renamed Through(
        Renamed file, RenameTable table, IReadOnlyList<(string Name, long[] Shape)> model, string source)
    {
        var (entries, skipped) = (file.Entries, file.Skipped.ToList());
        foreach (var row in table.Rows)
        {
            Entry[] next = [.. row.Apply(entries, model)];
            if (row.TakenAway is { Length: > 0 } reason)
                skipped.AddRange(entries.SelectMany(entry => entry.Sources)
                    .Except(next.SelectMany(entry => entry.Sources)).Select(name => (name, reason)));
            if (next.CountBy(entry => entry.Name).FirstOrDefault(count => count.Value > 1).Key is { } twice)
                throw new UserException($"\"{source}\", read as {table.Origin}, has \"{twice}\" twice.");
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
