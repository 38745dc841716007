using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Something that a target does not take.</summary>
/// <param name="What">What is not taken, for messages.</param>
/// <param name="Page">The public page that says so.</param>
/// <param name="Broken">Where a graph has it: nodes, inputs or the graph itself, for messages.</param>
/// <param name="Lower">Writes such a node in a form that is taken, or gives null; null where there is none.</param>
public sealed record TargetRule(
    string What, string Page, Func<Graph, IEnumerable<string>> Broken, NodeRule? Lower = null)
{
    /// <summary>Whether it is of what no other form of a node changes: looked at before any is written.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Nodes of ONNX's own operators that are not taken, or not as they are.</summary>
    /// <param name="ops">The operators, with spaces between them.</param>
    /// <param name="what">What of them is not taken.</param>
    /// <param name="page">The public page that says so.</param>
    /// <param name="breaks">Which of them; all where it is left out.</param>
    /// <param name="lower">Writes such a node otherwise.</param>
    public static TargetRule Nodes(
        string ops, string what, string page, Predicate<Node>? breaks = null, NodeRule? lower = null)
    {
        var names = ops.Split(' ').ToHashSet();
        bool Breaks(Node n) => n.Domain.Length == 0 && names.Contains(n.Op) && breaks?.Invoke(n) != false;
        return new(what, page, graph => graph.Nodes.Where(Breaks).Select(Named),
            lower is null ? null : (n, to) => Breaks(n) ? lower(n, to) : null);
    }

    /// <summary>Operators beside those that are listed, with spaces between them.</summary>
    public static TargetRule Operators(string taken, string page)
    {
        var names = taken.Split(' ').ToHashSet();
        return new("there is no such operator", page,
            graph => graph.Nodes.Where(n => n.Domain.Length == 0 && !names.Contains(n.Op)).Select(Named));
    }

    /// <summary>Operators of other domains than those that are listed; ONNX's own is always one.</summary>
    public static TargetRule Domains(string page, params string[] taken) => new("there is no such domain", page,
        graph => graph.Nodes.Where(n => n.Domain.Length > 0 && !taken.Contains(n.Domain)).Select(Named));

    /// <summary>Opsets outside a range.</summary>
    public static TargetRule Opsets(int oldest, int newest, string page) =>
        new($"opsets are taken from {oldest} to {newest}", page,
            graph => graph.Opset < oldest || graph.Opset > newest ? [$"opset {graph.Opset}"] : []);

    /// <summary>Files of a newer format.</summary>
    public static TargetRule NewestIr(int newest, string page) => new($"the format is read up to IR {newest}", page,
        graph => OnnxFile.IrVersion(graph) is var ir && ir > newest ? [$"IR {ir}"] : []);

    /// <summary>Sizes that are known only when the network runs.</summary>
    public static TargetRule FixedSizes(string page) => new("sizes must be fixed", page,
        graph => graph.Inputs.Where(v => !v.Shape.IsFixed).Select(v => $"input {v.Name} {v.Shape}"
            + (v.Shape.Skip(1).All(d => d.IsFixed) ? " (--batch-size fixes it)" : "")))
    {
        IsFirst = true,
    };

    /// <summary>Weights of more bytes than that.</summary>
    public static TargetRule Content(long most, string page) =>
        new($"weights have at most {most / 1e9:0.#} GB", page,
            graph => graph.Stored.Sum(v => v.Data!.ByteCount) is var bytes && bytes > most
                ? [$"weights of {bytes / 1e9:0.#} GB"] : []);

    /// <summary>Weights and constants of other types.</summary>
    public static TargetRule Types(string page, params DType[] taken) =>
        new($"types are {string.Join(", ", taken)}", page, graph => graph.Stored.Concat(graph.Inputs)
            .Where(v => !taken.Contains(v.Type)).Select(v => $"{v.Type} {v.Name}"));

    static string Named(Node n) => $"{(n.Domain.Length == 0 ? n.Op : $"{n.Domain}.{n.Op}")} \"{n.Name}\"";
}
