using System.Text;

namespace OnnxTimm;

/// <summary>
/// What differs between two graphs, whatever their intermediate values are called: nodes are matched in order by what
/// they do and which weights they read, and then held against what they read of the values before them.
/// </summary>
public sealed class GraphDiff
{
    readonly Dictionary<Value, Value> matched = new(ReferenceEqualityComparer.Instance);

    GraphDiff(Graph before, Graph after)
    {
        var (frame, newFrame) = (Frame(before), Frame(after));
        Removed = [.. frame.Except(newFrame)];
        Added = [.. newFrame.Except(frame)];
        foreach (var v in before.Inputs.Concat(before.Stored))
            if (after.Find(v.Name) is { } same)
                matched[v] = same;
        var (gone, come) = (new List<Node>(), new List<Node>());
        foreach (var (old, now) in Sequences.Align(before.Nodes, after.Nodes, Signature))
        {
            if (old is not null && now is not null)
            {
                Pair(gone, come);
                Hold(old, now);
            }
            else if (old is not null)
                gone.Add(old);
            else
                come.Add(now!);
        }
        Pair(gone, come);
        CompareOutputs(before, after);
    }

    /// <summary>Lines (<see cref="GraphText"/>) of what only the first graph has.</summary>
    public List<string> Removed { get; }

    /// <summary>Lines of what only the second graph has.</summary>
    public List<string> Added { get; }

    /// <summary>Lines of what is different, before and after.</summary>
    public List<(string Before, string After)> Changed { get; } = [];

    /// <summary>Whether no difference was found.</summary>
    public bool IsEmpty => Removed.Count + Added.Count + Changed.Count == 0;

    /// <summary>Compares two graphs; of weights names, types and shapes, not what they hold.</summary>
    public static GraphDiff Of(Graph before, Graph after) => new(before, after);

    /// <summary>A line a difference: <c>-</c> removed, <c>+</c> added, <c>~</c> changed, then <c>=></c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in Removed)
            text.Append("- ").Append(line).Append('\n');
        foreach (var line in Added)
            text.Append("+ ").Append(line).Append('\n');
        foreach (var (before, after) in Changed)
            text.Append("~ ").Append(before).Append("\n  => ").Append(after).Append('\n');
        return text.ToString();
    }

    static IEnumerable<string> Frame(Graph g) => g.Inputs
        .Concat(g.Weights)
        .Concat(g.Stored.Where(v => v.Role == Role.Constant && !GraphText.IsInline(v)))
        .Select(GraphText.Of)
        .Concat(g.Domains.Select(d => $"domain {d.Key} {d.Value}"))
        .Concat(g.Metadata.Select(m => $"metadata {m.Key} = \"{m.Value}\""))
        .Append($"opset {g.Opset}");

    /// <summary>A node without the names of values that nodes compute.</summary>
    static string Signature(Node n) =>
        GraphText.Call(n, n.In.Select(v => v?.Role == Role.Node ? "*" : GraphText.Name(v)));

    /// <summary>Where nodes were replaced by as many others of the same operator, they changed.</summary>
    void Pair(List<Node> gone, List<Node> come)
    {
        foreach (var old in gone)
        {
            var now = come.Find(n => n.Op == old.Op && n.Domain == old.Domain && n.Outs.Length == old.Outs.Length);
            if (now is null)
            {
                Removed.Add(GraphText.Of(old));
                continue;
            }
            come.Remove(now);
            Changed.Add((GraphText.Of(old), GraphText.Of(now)));
            Match(old, now);
        }
        Added.AddRange(come.Select(GraphText.Of));
        gone.Clear();
        come.Clear();
    }

    /// <summary>Two nodes that look alike differ if they read different values.</summary>
    void Hold(Node old, Node now)
    {
        var reads = old.In.Concat(old.Captured).Zip(now.In.Concat(now.Captured));
        if (reads.Any(r => r.First?.Role == Role.Node && matched.GetValueOrDefault(r.First) is var same
            && !ReferenceEquals(same, r.Second)))
            Changed.Add((GraphText.Of(old), GraphText.Of(now)));
        Match(old, now);
    }

    void Match(Node old, Node now)
    {
        foreach (var (a, b) in old.Outs.Zip(now.Outs))
            matched[a] = b;
    }

    void CompareOutputs(Graph before, Graph after)
    {
        var now = after.Outputs.ToDictionary(v => v.Name);
        foreach (var output in before.Outputs)
            if (!now.Remove(output.Name, out var same))
                Removed.Add($"output {output}");
            else if (!ReferenceEquals(matched.GetValueOrDefault(output), same) || output.ToString() != same.ToString())
                Changed.Add(($"output {output}", $"output {same}"));
        Added.AddRange(now.Values.Select(v => $"output {v}"));
    }
}
