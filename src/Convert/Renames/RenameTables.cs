namespace OnnxTimm.Conversion;

/// <summary>
/// The code bases whose checkpoints load under timm's names. A table is chosen by the names in the file, so nobody has
/// to say where a file comes from.
/// </summary>
public static class RenameTables
{
    public static readonly RenameTable[] All =
    [
        EfficientNetLite.Lite0,
        CifarResNet.Idelbayev,
        DenseNet.Torchvision,
    ];

    /// <summary>The table for a file with these names; null where they are timm's already.</summary>
    public static RenameTable? For(ICollection<string> names) => All.FirstOrDefault(table => table.Recognises(names));

    /// <summary>The tensors of a file under timm's names, in the file's order.</summary>
    /// <exception cref="UserException">Two tensors come out under one name.</exception>
    public static OrderedDictionary<string, Tensor> Apply(StateDict file)
    {
        var table = For(file.Keys);
        var result = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in file)
        {
            var renamed = (table?.Rows ?? []).Aggregate((Name: name, Tensor: tensor), (from, row) => row.Apply(from));
            if (!result.TryAdd(renamed.Name, renamed.Tensor))
                throw new UserException($"\"{file.Source}\", read as {table!.Origin}, has \"{renamed.Name}\" twice.");
        }
        return result;
    }
}
