using System.Security.Cryptography;
using System.Text;

namespace OnnxTimm.Passes;

/// <summary>
/// Common subexpressions: of nodes with the same operator, attributes and inputs the first stands for all, and so does
/// the first of equal constants. f(x) = f(x) does not hold for operators that draw at random, nor for bodies.
/// </summary>
public static class MergeEqual
{
    const int Small = 1024;

    /// <summary>A new graph; the given one stays as it is.</summary>
    public static Graph Apply(Graph graph)
    {
        var first = new Dictionary<string, Value[]>();
        var constants = new Dictionary<string, Value>();
        // A large constant is made, to be compared, only where another has its type and shape.
        var alike = graph.Stored.Where(IsLarge).CountBy(v => $"{v.Data}").ToDictionary();
        var ids = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        return Rewrite.Apply(graph, (n, to) =>
        {
            if (IsRandom(n) || n.Attributes.Values.Any(a => a is Opaque))
                return null;
            var key = Key(n, n.In.Select(v => v is null ? -1 : Id(to[v])));
            return first.TryGetValue(key, out var known) ? known : first[key] = to.Copy(n);
        }, (v, target) =>
        {
            if (v.Role != Role.Constant || v.Data!.Strings is not null || (IsLarge(v) && alike[$"{v.Data}"] == 1))
                return target.Store(v.Name, v.Role, v.Data!);
            var key = Key(v.Data);
            return constants.TryGetValue(key, out var known) ? known
                : constants[key] = target.Store(v.Name, v.Role, v.Data);
        });

        int Id(Value v) => ids.TryGetValue(v, out var id) ? id : ids[v] = ids.Count;
    }

    static bool IsLarge(Value v) => v.Role == Role.Constant && v.Data!.ByteCount > Small;

    /// <summary>Whether a node draws at random, so that two of the same form give two values.</summary>
    public static bool IsRandom(Node n) => n.Op is "RandomNormal" or "RandomNormalLike" or "RandomUniform"
        or "RandomUniformLike" or "Bernoulli" or "Multinomial" || n.Drops();

    static string Key(Node n, IEnumerable<int> inputs)
    {
        var key = new StringBuilder($"{n.Domain}:{n.Op}({string.Join(",", inputs)})->{n.Outs.Length}");
        foreach (var (name, value) in n.Attributes)
            key.Append($";{name}={Text(value)}");
        return key.ToString();
    }

    static string Text(object attribute) => attribute switch
    {
        long[] list => string.Join(",", list),
        float[] list => string.Join(",", list.Select(BitConverter.SingleToUInt32Bits)),
        string[] list => string.Join(",", list.Select(s => $"{s.Length}:{s}")),
        float f => $"f{BitConverter.SingleToUInt32Bits(f)}",
        Tensor t => $"{Key(t)}{string.Join(",", (t.Strings ?? []).Select(s => $"{s.Length}:{s}"))}",
        var other => $"{other.GetType().Name}:{other}",
    };

    static string Key(Tensor t) => t.ByteCount > Small
        ? $"{t}{Convert.ToHexString(SHA256.HashData(t.Bytes.Span))}"
        : $"{t}{Convert.ToHexString(t.Bytes.Span)}";
}
