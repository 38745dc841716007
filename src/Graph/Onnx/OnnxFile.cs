namespace OnnxTimm.Onnx;

/// <summary>Graphs as ONNX files. With its neighbours in this folder the only code that knows the protobuf.</summary>
public static class OnnxFile
{
    /// <summary>Name under which files are signed (ModelProto.producer_name).</summary>
    public const string Producer = "onnxtimm";

    /// <summary>
    /// Writes a graph beside the path and renames. Weights are streamed one by one: a lazily made model never lies in
    /// memory as a whole.
    /// </summary>
    /// <param name="graph">What to write.</param>
    /// <param name="path">The file; content beside it goes to the same name with ".data" appended.</param>
    /// <param name="externalAbove">Bytes of content above which tensors are written beside the file.</param>
    /// <param name="weightsAsInputs">Declares parameters and statistics as inputs, without content.</param>
    /// <param name="valueInfo">Writes type and shape of every intermediate value, for viewers.</param>
    /// <param name="late">Metadata that is not known before all weights are written.</param>
    /// <param name="isSealed">Whether the file gets its <see cref="Seal"/>.</param>
    public static void Write(Graph graph, string path, long externalAbove = 1_500_000_000,
        bool weightsAsInputs = false, bool valueInfo = false, LateFact? late = null, bool isSealed = false)
    {
        var writer = new ModelWriter(graph, weightsAsInputs, valueInfo);
        var content = $"{path}.data";
        WriteBeside.Write(path, model =>
        {
            if (writer.ContentBytes <= externalAbove)
                writer.WriteTo(model, external: null, late, isSealed);
            else
                WriteBeside.Write(content, data =>
                    writer.WriteTo(model, new ExternalData(Path.GetFileName(content), data), late, isSealed));
        });
    }

    /// <summary>The IR version that a graph's file has: the lowest that it may have.</summary>
    public static int IrVersion(Graph graph) => OnnxVersions.LowestIr(graph, graph.Stored);

    /// <summary>A graph as the bytes of a file; at most 2 GB.</summary>
    /// <inheritdoc cref="Write"/>
    public static byte[] ToBytes(Graph graph, bool weightsAsInputs = false, bool valueInfo = false)
    {
        var writer = new ModelWriter(graph, weightsAsInputs, valueInfo);
        var bytes = new byte[writer.Length];
        writer.WriteTo(new MemoryStream(bytes));
        return bytes;
    }

    /// <summary>
    /// Reads a file of opset 7 to 26, of this program or of any other (then <see cref="Graph.IsForeign"/>). The content
    /// of large tensors stays in the file, which is held open, and is fetched at each use.
    /// </summary>
    /// <exception cref="UserException">No such file, no ONNX model, a damaged one, or unsupported.</exception>
    public static Graph Read(string path) => GraphReader.Read(ByteSource.Open(path));

    /// <summary>Reads a model from memory; the graph keeps the memory.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static Graph Read(ReadOnlyMemory<byte> model, string name = "model") =>
        GraphReader.Read(ByteSource.Of(model, name));
}
