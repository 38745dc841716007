namespace OnnxTimm.Conversion;

/// <summary>A node of a symbol: one operator's application, or a variable. Compared by reference.</summary>
/// <param name="op">Operator, "null" for a variable.</param>
/// <param name="name">Its name.</param>
/// <param name="attributes">All that the file says of it, as text.</param>
/// <param name="inputs">What it reads, in the operator's order.</param>
sealed class SymbolNode(string op, string name, IReadOnlyDictionary<string, string> attributes, SymbolEntry[] inputs)
{
    public const string Variable = "null";

    public string Op => op;

    public string Name => name;

    public IReadOnlyDictionary<string, string> Attributes => attributes;

    public SymbolEntry[] Inputs => inputs;

    public bool IsVariable => op == Variable;

    public override string ToString() => $"\"{name}\" ({op})";
}

/// <summary>One output of a node.</summary>
readonly record struct SymbolEntry(SymbolNode Node, int Output);
