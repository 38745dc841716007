using System.Text.Json;

namespace OnnxTimm.Conversion;

/// <summary>
/// Reads the JSON form of MXNet's symbols (<c>-symbol.json</c>), from the first to the last version: operator
/// parameters under "param", "attr" or "attrs", references of two or three numbers, and the auxiliary states that files
/// before 0.9 leave out (src/nnvm/legacy_json_util.cc of MXNet).
/// </summary>
public static class SymbolImport
{
    static readonly string[] AttributeKeys = ["attr", "attrs", "param"];

    /// <summary>Reads a symbol; the file is not needed any more afterwards.</summary>
    /// <exception cref="UserException">The file cannot be read or is no symbol.</exception>
    public static Symbol Read(string path)
    {
        using var file = MappedFile.Open(path);
        try
        {
            using var json = JsonDocument.Parse(file.From(0));
            return Read(file, json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)  // the latter: text that is no UTF-8
        {
            throw file.Fault($"it is no valid JSON ({e.Message.TrimEnd('.')})");
        }
    }

    static Symbol Read(MappedFile file, JsonElement root)
    {
        var nodes = new List<SymbolNode>();
        foreach (var node in Array(file, root, "nodes", "it").EnumerateArray())
            nodes.Add(Node(file, node, nodes));
        var heads = Array(file, root, "heads", "it").EnumerateArray().Select(e => Entry(file, e, nodes, "heads"))
            .Distinct().ToArray();
        return heads.Length > 0
            ? new Symbol(file.Path, heads)
            : throw file.Fault("it is a symbol without heads");
    }

    static SymbolNode Node(MappedFile file, JsonElement json, List<SymbolNode> above)
    {
        var where = $"node {above.Count}";
        var (op, name) = (Text(file, json, "op", where), Text(file, json, "name", where));
        var attributes = Attributes(file, json, where);
        SymbolEntry[] inputs =
            [.. Array(file, json, "inputs", where).EnumerateArray().Select(e => Entry(file, e, above, where))];
        return new(op, name, attributes, [.. inputs, .. MissingStates(op, name, inputs.Length)]);
    }

    /// <summary>Files before 0.9 do not list auxiliary states, and these end an operator's inputs.</summary>
    static IEnumerable<SymbolEntry> MissingStates(string op, string name, int inputs) =>
        SymbolRoles.IsBatchNorm(op) && inputs == 3
            ? new[] { "moving_mean", "moving_var" }.Select(state => new SymbolEntry(
                new(SymbolNode.Variable, $"{name}_{state}", new Dictionary<string, string>(), []), 0))
            : [];

    static Dictionary<string, string> Attributes(MappedFile file, JsonElement node, string where)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in AttributeKeys)
        {
            if (!node.TryGetProperty(key, out var pairs))
                continue;
            if (pairs.ValueKind != JsonValueKind.Object)
                throw file.Fault($"\"{key}\" of {where} is {pairs.ValueKind}, no JSON object");
            foreach (var pair in pairs.EnumerateObject())
                attributes[pair.Name] = pair.Value.ToString();
        }
        return attributes;
    }

    /// <summary>A reference to a node above; a third number, the version, says nothing.</summary>
    static SymbolEntry Entry(MappedFile file, JsonElement json, List<SymbolNode> above, string where)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is not (2 or 3)
            || !json[0].TryGetIndex(out var node) || !json[1].TryGetIndex(out var output))
            throw file.Fault($"{where} has the reference {Shown(json)}, where [node, output] is expected");
        return node < above.Count
            ? new(above[node], output)
            : throw file.Fault($"{where} refers to the node {node}, which does not stand above it");
    }

    static bool TryGetIndex(this JsonElement json, out int value)
    {
        value = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out value) && value >= 0;
    }

    static JsonElement Array(MappedFile file, JsonElement json, string member, string where) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var found)
            && found.ValueKind == JsonValueKind.Array
                ? found
                : throw file.Fault($"{where} has no list of {member}: no symbol of MXNet");

    static string Text(MappedFile file, JsonElement json, string member, string where) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var found)
            && found.ValueKind == JsonValueKind.String
                ? found.GetString()!
                : throw file.Fault($"{where} has no {member}: no symbol of MXNet");

    static string Shown(JsonElement json)
    {
        const int most = 40;
        var text = json.GetRawText();
        return text.Length <= most ? text : $"{text[..most]}...";
    }
}
