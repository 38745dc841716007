using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Train;

/// <summary>Graphs in ONNX Runtime.</summary>
public static class GraphSession
{
    /// <summary>Bytes of weights above which a graph goes through a file.</summary>
    const long LargestInMemory = 1_500_000_000;

    /// <summary>Hands a graph to ONNX Runtime.</summary>
    /// <param name="graph">The graph with its weights.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How it is to run.</param>
    /// <exception cref="UserException">ONNX Runtime does not take it.</exception>
    public static Session Of(Graph graph, string name, RuntimeOptions options)
    {
        if (graph.Stored.Sum(v => v.Data!.ByteCount) <= LargestInMemory)
            return Session.Load(OnnxFile.ToBytes(graph), name, options);
        var folder = Directory.CreateTempSubdirectory("onnxtimm");
        try
        {
            var file = Path.Combine(folder.FullName, "model.onnx");
            OnnxFile.Write(graph, file);
            return Session.Open(file, options);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
