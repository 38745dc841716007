using System.Globalization;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Results;

/// <summary>A model that is held against another: a name, a network in a file, or weights alone.</summary>
/// <param name="name">As it was given.</param>
sealed class ModelSide(string name) : IDisposable
{
    StateDict? file;

    public string Name => name;

    /// <summary>Figures by their names; what is not known is left out.</summary>
    public Dictionary<string, string> Figures { get; } = [];

    /// <summary>How often each operator is there; null for weights alone.</summary>
    public Dictionary<string, int>? Operators { get; private init; }

    /// <summary>Learned tensors by name.</summary>
    public required Dictionary<string, Tensor> Tensors { get; init; }

    /// <summary>Whether the values are of a file, not initial ones.</summary>
    public bool HasValues { get; private init; }

    /// <exception cref="UserException">No such model, or a file that cannot be read.</exception>
    public static ModelSide Of(string name) => NetworkArguments.IsModelFile(name) ? OfNetwork(name)
        : File.Exists(name) ? OfWeights(name)
        : OfModel(name);

    public void Dispose() => file?.Dispose();

    static ModelSide OfModel(string name)
    {
        var model = Zoo.Build(name);
        var side = new ModelSide(model.Record.Name)
        {
            Tensors = model.Graph.Weights.ToDictionary(w => w.Name, w => w.Data!),
            Operators = Count(model.Graph),
        };
        side.Add("module", model.Family.Module);
        side.Add("parameters", Thousands(model.ParamCount));
        side.AddCost(model.Graph);
        side.AddPorts(model.Graph);
        var stages = model.Net.Built.GroupBy(block => block.Place.Stage).Select(stage => stage.Count());
        side.Add("blocks", string.Join(", ", stages));
        side.Add("maps", string.Join(", ", model.Net.Taps.Select(tap => tap.Map)
            .Select(map => $"{map.Height}x{map.Width}x{map.Channels}").Distinct()));
        side.Add("features", $"{model.NumFeatures}");
        return side;
    }

    static ModelSide OfNetwork(string name)
    {
        if (!File.Exists(name))
            throw new UserException($"There is no file \"{name}\".");
        var graph = OnnxFile.Read(name);
        var side = new ModelSide(name)
        {
            Tensors = graph.Stored.Where(v => v.Shape.Rank > 0 && v.Type.IsFloat())
                .ToDictionary(v => v.Name, v => v.Data!),
            Operators = Count(graph),
            HasValues = true,
        };
        side.Add("parameters", Thousands(side.Tensors.Values.Sum(t => t.Count)));
        if (graph.Nodes.All(n => n.Domain.Length == 0 && !n.Op.Contains("Integer") && !n.Op.StartsWith("QLinear",
            StringComparison.Ordinal) && n.Outs.All(v => v.Shape.IsKnown)))
            side.AddCost(graph);
        side.AddPorts(graph);
        side.Add("opset", $"{graph.Opset}");
        return side;
    }

    static ModelSide OfWeights(string name)
    {
        var weights = ModelLoader.Open(name, null);
        var side = new ModelSide(name)
        {
            Tensors = weights.ToDictionary(),
            HasValues = true,
            file = weights,
        };
        side.Add("format", ModelLoader.FormatOf(weights));
        side.Add("values", Thousands(weights.Sum(entry => entry.Value.Count)));
        return side;
    }

    void AddCost(Graph graph)
    {
        var cost = Cost.Of(graph);
        Add("GMACs", $"{cost.Macs / 1e9:F2}");
        Add("activations", $"{cost.Activations / 1e6:F2} M");
    }

    void AddPorts(Graph graph)
    {
        Add("nodes", $"{graph.Nodes.Count}");
        Add("input", string.Join(", ", graph.Inputs.Select(v => $"{v.Name} {v.Shape}")));
        Add("output", string.Join(", ", graph.Outputs.Select(v => $"{v.Name} {v.Shape}")));
    }

    void Add(string figure, string value)
    {
        if (value.Length > 0)
            Figures[figure] = value;
    }

    static Dictionary<string, int> Count(Graph graph) => graph.Nodes
        .CountBy(n => n.Domain.Length == 0 ? n.Op : $"{n.Domain}:{n.Op}").ToDictionary();

    static string Thousands(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
