using System.Globalization;

namespace OnnxTimm.Conversion;

/// <summary>
/// A node of a symbol while it is emitted: its inputs as values, its attributes by type, and the message for what is
/// wrong with it.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="inputs">What it reads; null for a label.</param>
/// <param name="source">The symbol's file.</param>
/// <param name="mismatches">Takes the weights whose shape is another than expected.</param>
sealed class SymbolCall(SymbolNode node, Value?[] inputs, string source, List<string> mismatches)
{
    public int Count => inputs.Length;

    public Value[] All => [.. inputs.Select((_, i) => this[i])];

    public SymbolNode Node => node;

    public Value this[int input] => input < inputs.Length && inputs[input] is { } value
        ? value
        : throw Fault($"it has no input {input}");

    public UserException Fault(string flaw) => new($"Cannot read \"{source}\": at the node {node}, {flaw}.");

    /// <summary>
    /// An input that must have a certain shape. Where it has another that is noted, and zeros of the right shape stand
    /// in, so that all such faults are told at once.
    /// </summary>
    public Value Weight(int input, params long[] shape)
    {
        var value = this[input];
        if (value.Shape.Equals((Shape)shape))
            return value;
        mismatches.Add($"{node.Inputs[input].Node.Name} is {value.Shape}, {node} expects [{string.Join(", ", shape)}]");
        return value.Graph.Store($"{node.Name}:{input}", Role.Constant, Tensor.Filled(0, shape));
    }

    /// <summary>An attribute's text; "None" counts as absent.</summary>
    public string? Text(string name) =>
        node.Attributes.GetValueOrDefault(name) is { } text and not "None" ? text : null;

    public long Int(string name, long? otherwise = null) => Text(name) is not { } text
        ? otherwise ?? throw Fault($"the attribute {name} is missing")
        : TryTuple(text, out var tuple) && tuple is [{ } value] ? value
        : throw Fault($"{name} is \"{text}\", where an integer is expected");

    public double Float(string name, double? otherwise = null) => Text(name) is not { } text
        ? otherwise ?? throw Fault($"the attribute {name} is missing")
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
        : throw Fault($"{name} is \"{text}\", where a number is expected");

    public bool Bool(string name, bool otherwise = false) => Text(name) switch
    {
        null => otherwise,
        "True" or "true" or "1" => true,
        "False" or "false" or "0" => false,
        var text => throw Fault($"{name} is \"{text}\", where True or False is expected"),
    };

    /// <summary>One of the rows of a table, by an attribute.</summary>
    public T Choice<T>(string name, string? otherwise, IReadOnlyDictionary<string, T> table)
    {
        var text = Text(name) ?? otherwise ?? throw Fault($"the attribute {name} is missing");
        return table.TryGetValue(text, out var value)
            ? value
            : throw Fault($"{name} is \"{text}\", none of {string.Join(", ", table.Keys)}");
    }

    /// <summary>Integers, one a spatial axis, none below the default; absent and "()" mean the default.</summary>
    public long[] Ints(string name, int rank, long otherwise)
    {
        var tuple = Ints(name) ?? [];
        return tuple.Length == 0 ? [.. Enumerable.Repeat(otherwise, rank)]
            : tuple.Length == rank && tuple.All(v => v >= otherwise) ? tuple
            : throw Fault($"{name} is {Text(name)}, where {rank} integers of at least {otherwise} are expected");
    }

    /// <summary>A tuple of integers; null where it is absent.</summary>
    public long[]? Ints(string name) => Maybe(name)?.Select(value => value
        ?? throw Fault($"{name} is {Text(name)}, with None where an integer is expected")).ToArray();

    /// <summary>A tuple in which None may stand; null where it is absent.</summary>
    public long?[]? Maybe(string name) => Text(name) is not { } text ? null
        : TryTuple(text, out var tuple) ? tuple
        : throw Fault($"{name} is \"{text}\", where a tuple of integers is expected");

    /// <summary>
    /// Reads "(1, 2)", "[1,2]", "3" or "(2L, None)", the L being Python 2's. Numbers beyond 32 bits are none that a
    /// network has.
    /// </summary>
    public static bool TryTuple(string text, out long?[] tuple)
    {
        const StringSplitOptions plain = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        var parts = text.Trim(' ', '(', ')', '[', ']').Split(',', plain);
        tuple = new long?[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (int.TryParse(parts[i].TrimEnd('L'), NumberStyles.AllowLeadingSign, null, out var value))
                tuple[i] = value;
            else if (parts[i] != "None")
                return false;
        return true;
    }
}
