using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnnxTimm;

/// <summary>
/// Graphs as text for people and for comparison: one line an input, weight, large constant, node and output. Small
/// constants stand where they are used; large ones are told apart by a hash; of weights name, type and shape are given.
/// </summary>
public static class GraphText
{
    const int Inline = 16;

    /// <summary>The whole graph; equal graphs give equal texts.</summary>
    public static string Dump(Graph graph)
    {
        var text = new StringBuilder($"graph \"{graph.Name}\" opset {graph.Opset}\n");
        Lines(text, graph.Domains.Select(d => $"domain {d.Key} {d.Value}"));
        Lines(text, graph.Metadata.Select(m => $"metadata {m.Key} = {Quoted(m.Value)}"));
        Lines(text, graph.Functions.Select(f => $"function sha256 {Hash(f.Proto)}"));
        Lines(text, graph.Inputs.Select(Of));
        Lines(text, graph.Weights.Concat(graph.Stored.Where(v => v.Role == Role.Constant && !IsInline(v))).Select(Of));
        Lines(text, graph.Nodes.Select(Of));
        Lines(text, graph.Outputs.Select(v => $"output {v}"));
        return text.ToString();
    }

    /// <summary>An input or a stored value.</summary>
    public static string Of(Value v)
    {
        var hash = v.Role == Role.Constant ? $" sha256 {Hash(Content(v.Data!))}" : "";
        return $"{v.Role.ToString().ToLowerInvariant()} {v}{hash}";
    }

    /// <summary>
    /// <c>outputs = Op(inputs) {attributes} : types</c>, and the node's name where the first output has another.
    /// </summary>
    public static string Of(Node n)
    {
        var named = n.Outs[0].Name == $"{n.Name}:0" ? "" : $" # {n.Name}";
        return $"{Names(n.Outs)} = {Call(n, n.In.Select(Name))}{named}";
    }

    /// <summary>The right side of a node's line, with other names for its inputs.</summary>
    internal static string Call(Node n, IEnumerable<string> inputs)
    {
        var op = n.Domain.Length == 0 ? n.Op : $"{n.Domain}.{n.Op}";
        var attributes = n.Attributes.Count == 0 ? ""
            : $" {{{string.Join(", ", n.Attributes.Select(a => $"{a.Key}={Of(a.Value)}"))}}}";
        var captured = n.Captured.Length == 0 ? "" : $" captures ({Names(n.Captured)})";
        return $"{op}({string.Join(", ", inputs)}){attributes}{captured} : "
            + string.Join(", ", n.Outs.Select(v => $"{v.Type}{v.Shape}"));
    }

    /// <summary>The content of a small constant, else a value's name.</summary>
    internal static string Name(Value? v) =>
        v is null ? "-" : IsInline(v) ? Of(v.Data!) : v.Name.Length > 0 ? v.Name : "-";

    internal static bool IsInline(Value v) => v.Role == Role.Constant && v.Data!.Count <= Inline;

    static string Names(Value[] values) => string.Join(", ", values.Select(Name));

    static string Of(object attribute) => attribute switch
    {
        string s => Quoted(s),
        float f => Number(f),
        long[] list => $"[{string.Join(", ", list)}]",
        float[] list => $"[{string.Join(", ", list.Select(Number))}]",
        string[] list => $"[{string.Join(", ", list.Select(Quoted))}]",
        Tensor t => Of(t),
        Opaque o => $"opaque {o.Kind} sha256 {Hash(o.Proto)}",
        var other => $"{other}",
    };

    static string Of(Tensor t)
    {
        if (t.Count > Inline)
            return $"{t} sha256 {Hash(Content(t))}";
        var values = t switch
        {
            { Strings: { } strings } => strings.Select(Quoted),
            { Type: DType.Float64 } => t.Span<double>().ToArray().Select(Number),
            { Type: DType.Float32 or DType.Float16 or DType.BFloat16 } => t.ToFloats().Select(Number),
            { Type: DType.Int64 or DType.Int32 or DType.UInt8 or DType.Bool } => t.ToInts().Select(i => $"{i}"),
            _ => [$"0x{Convert.ToHexString(t.Bytes.Span)}"],
        };
        var list = string.Join(", ", values);
        return t.Shape.Length switch
        {
            0 => $"{t.Type}({list})",
            1 => $"{t.Type}[{list}]",
            _ => $"{t}({list})",
        };
    }

    static ReadOnlySpan<byte> Content(Tensor t) =>
        t.Strings is { } strings ? Encoding.UTF8.GetBytes(string.Join('\0', strings)) : t.Bytes.Span;

    static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content))[..16];

    static string Number(float f) => f.ToString("R", CultureInfo.InvariantCulture);

    static string Number(double d) => d.ToString("R", CultureInfo.InvariantCulture);

    static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";

    static void Lines(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            text.Append(line).Append('\n');
    }
}
