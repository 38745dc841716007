namespace OnnxTimm.Conversion;

/// <summary>Reads a safetensors file: its header now, a tensor's bytes when they are asked for.</summary>
static class SafetensorsReader
{
    public static CheckpointContent Read(MappedFile file)
    {
        var metadata = new Dictionary<string, string>();
        var root = new PyDict();
        foreach (var entry in SafetensorsHeader.Parse(file, metadata, out var dataStart))
            root[entry.Name] = FileWindow.Tensor(file, entry.Type, entry.Shape, dataStart + entry.Start);
        return new CheckpointContent(file.Path, root, metadata, file);
    }
}
