namespace OnnxTimm.Conversion;

/// <summary>
/// Reads what torch.save writes since PyTorch 1.6: a zip archive with the pickle <c>data.pkl</c> and one entry per
/// storage, usually stored, so that tensors are windows on the file.
/// </summary>
static class TorchZip
{
    const string Pickle = "data.pkl";

    /// <summary>True when the archive holds a pickle of torch.save.</summary>
    public static bool Fits(ZipDirectory zip) => Pickles(zip).Any();

    public static CheckpointContent Read(MappedFile file, ZipDirectory zip)
    {
        var prefix = Prefix(file, zip);
        CheckByteOrder(file, zip, prefix);
        var storages = new TorchStorages(file);
        var pickle = zip.Content(zip.Find(prefix + Pickle)!);
        var root = new PickleMachine(new ByteCursor(file, Pickle, pickle), storages.Load).Run();
        foreach (var storage in storages.ByKey.Values)
            Place(file, zip, $"{prefix}data/{storage.Key}", storage);
        return TorchContent.Of(file, root);
    }

    /// <summary>The archive's one top folder.</summary>
    static string Prefix(MappedFile file, ZipDirectory zip)
    {
        var pickles = Pickles(zip).ToArray();
        return pickles.Length == 1
            ? pickles[0][..^Pickle.Length]
            : throw file.Fault($"it is a zip archive with {pickles.Length} entries {Pickle}: not from torch.save");
    }

    static IEnumerable<string> Pickles(ZipDirectory zip) => zip.Entries.Select(entry => entry.Name)
        .Where(name => name == Pickle || name.EndsWith("/" + Pickle, StringComparison.Ordinal));

    static void CheckByteOrder(MappedFile file, ZipDirectory zip, string prefix)
    {
        if (zip.Find(prefix + "byteorder") is { } entry && !zip.Content(entry).Span.SequenceEqual("little"u8))
            throw file.Fault("it was saved in another byte order than little-endian");
    }

    static void Place(MappedFile file, ZipDirectory zip, string name, TorchStorage storage)
    {
        var entry = zip.Find(name) ?? throw file.Fault($"the storage \"{name}\" is missing");
        if (entry.Size < storage.Claimed)
            throw file.Fault($"the storage \"{name}\" has {entry.Size} bytes, its tensors need {storage.Claimed}");
        if (zip.Place(entry) is not { } offset)
        {
            file.Claim(entry.Size);
            storage.Place(0, () => zip.Content(entry));
        }
        else if (offset > file.Length - entry.Size)
            throw file.Fault($"the storage \"{name}\" leaves the file");
        else
            storage.Place(offset);
    }
}
