namespace OnnxTimm.Deploy;

/// <summary>
/// A GELU of several operators, x (1 + erf(x / √2)) / 2 in any order of its factors. Between numbers the runtime makes
/// one kernel of them; not where x are codes, whose numbers it makes for each reader apart.
/// </summary>
static class GeluForm
{
    /// <summary>The x whose GELU a product is; null for any other node.</summary>
    public static Value? Source(Node n, Readers readers)
    {
        if (n is not { Op: "Mul", Domain: "" })
            return null;
        var factors = n.In.OfType<Value>()
            .SelectMany(v => v.Producer is { Op: "Mul" } m && readers.Only(v) == n ? m.In.OfType<Value>() : [v])
            .ToArray();
        return factors.Length == 3 && factors.Any(v => Is(v, 0.5))
            && factors.Select(Argument).FirstOrDefault(x => x is not null) is { } x && factors.Contains(x) ? x : null;
    }

    /// <summary>The x of 1 + erf(x / √2).</summary>
    static Value? Argument(Value sum) => Beside(sum, "Add", 1)?.Producer is not { Op: "Erf" } erf ? null
        : erf[0].Producer is { Op: "Div" } quotient ? Is(quotient[1], Math.Sqrt(2)) ? quotient[0] : null
        : Beside(erf[0], "Mul", 1 / Math.Sqrt(2));

    /// <summary>What an operator has beside a constant.</summary>
    static Value? Beside(Value result, string op, double constant) => result.Producer is not { } n || n.Op != op ? null
        : Is(n[1], constant) ? n[0]
        : Is(n[0], constant) ? n[1]
        : null;

    static bool Is(Value v, double constant) => v.Shape.Rank <= 1 && v.Data is { Type: DType.Float32, Count: 1 } data
        && data.Span<float>()[0] == (float)constant;
}
