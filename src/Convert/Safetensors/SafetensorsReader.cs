namespace OnnxTimm.Conversion;

/// <summary>Reads a safetensors file: its header now, a tensor's bytes when they are asked for.</summary>
static class SafetensorsReader
{
    public static CheckpointContent Read(MappedFile file)
    {
        var header = SafetensorsHeader.Read(file);
        var root = new PyDict();
        foreach (var entry in header.Entries)
            root[entry.Name] = FileWindow.Tensor(file, entry.Type, entry.Shape, header.DataStart + entry.Start);
        return new CheckpointContent(file.Path, root, header.Metadata, file);
    }
}
