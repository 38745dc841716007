using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>A node of a network and who computes it.</summary>
/// <param name="Provider">As <see cref="Provider.Name"/> has it, or ONNX Runtime's name of another one.</param>
/// <param name="Op">The operator.</param>
/// <param name="Name">The node's name in the file.</param>
public readonly record struct PlacedNode(string Provider, string Op, string Name);

/// <summary>
/// Which provider computes each node of a network, as ONNX Runtime recorded it when it shared them out: before it fuses
/// nodes, so that those that a provider compiles into one are all there.
/// </summary>
/// <param name="Device">Where the network was meant to run.</param>
/// <param name="Nodes">The nodes.</param>
public sealed unsafe record Placement(Device Device, IReadOnlyList<PlacedNode> Nodes)
{
    /// <summary>The setting that has ONNX Runtime record it.</summary>
    internal const string Setting = "session.record_ep_graph_assignment_info";

    const string Unknown = "ONNX Runtime does not record which provider computes the nodes of such a file: of an .ort "
        + "file it takes what was shared out before.";

    /// <summary>
    /// Places in ONNX Runtime's table: Session_GetEpGraphAssignmentInfo, EpAssignedSubgraph_GetEpName and _GetNodes,
    /// EpAssignedNode_GetName and _GetOperatorType.
    /// </summary>
    const int Assignments = 407, ProviderName = 408, NodesOf = 409, NodeName = 410, OperatorType = 412;

    /// <summary>Nodes by provider, the device first.</summary>
    public IReadOnlyList<(string Name, int Count)> ByProvider => [.. Nodes.GroupBy(n => n.Provider)
        .Select(g => (g.Key, g.Count())).OrderByDescending(g => g.Key == Device.Provider.Name)];

    /// <summary>Whether the device computes nothing at all.</summary>
    public bool IsElsewhere => Nodes.Count > 0 && Nodes.All(n => n.Provider != Device.Provider.Name);

    /// <summary>What is not on the device, in a line, or that nobody knows; null for nothing.</summary>
    public string? Fallback => Nodes.Count == 0 ? Device.IsCpu ? null : Unknown : Elsewhere is [] ? null
        : $"Not all {Nodes.Count} nodes are on {Device}: {string.Join(", ", Elsewhere.Select(p =>
            $"{p.Name} has {p.Count} ({Operators(p.Name)})"))}.";

    (string Name, int Count)[] Elsewhere => [.. ByProvider.Where(p => p.Name != Device.Provider.Name)];

    /// <summary>What is to be said of it: what is not on the device, or all.</summary>
    /// <param name="whole">A line a provider; operators are named of those that were not asked for.</param>
    public IEnumerable<string> Remarks(bool whole) => !whole ? Fallback is { } text ? [text] : []
        : Nodes.Count == 0 ? [Unknown]
        : ByProvider.Select(p => $"{p.Name} has {p.Count} of {Nodes.Count} nodes"
            + (p.Name == Device.Provider.Name ? "" : $": {Operators(p.Name)}"));

    /// <summary>Asks a session.</summary>
    /// <exception cref="UserException">The runtime has not recorded it.</exception>
    internal static Placement Of(InferenceSession session, Device device)
    {
        void** parts;
        nuint count;
        OrtTable.Check(((delegate* unmanaged<nint, void***, nuint*, void*>)OrtTable.At(Assignments))(
            Handle(session), &parts, &count));
        var nodes = new List<PlacedNode>();
        for (nuint i = 0; i < count; i++)
            Add(nodes, parts[i]);
        GC.KeepAlive(session);
        return new(device, nodes);
    }

    static void Add(List<PlacedNode> to, void* part)
    {
        void** nodes;
        nuint count;
        OrtTable.Check(((delegate* unmanaged<void*, void***, nuint*, void*>)OrtTable.At(NodesOf))(
            part, &nodes, &count));
        var provider = Providers.NameOf(Text(ProviderName, part));
        for (nuint i = 0; i < count; i++)
            to.Add(new(provider, Text(OperatorType, nodes[i]), Text(NodeName, nodes[i])));
    }

    static string Text(int function, void* of)
    {
        byte* text;
        OrtTable.Check(((delegate* unmanaged<void*, byte**, void*>)OrtTable.At(function))(of, &text));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    /// <summary>Operators of a provider with their numbers, the most frequent first.</summary>
    string Operators(string provider) => string.Join(", ", Nodes.Where(n => n.Provider == provider).GroupBy(n => n.Op)
        .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => $"{g.Count()} {g.Key}"));

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
    static extern nint Handle(InferenceSession session);
}
