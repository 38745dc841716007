using System.Collections.Frozen;

namespace OnnxTimm.Conversion;

/// <summary>What the variables of a symbol are, told by what reads them: the file itself does not say.</summary>
static class SymbolRoles
{
    /// <summary>Layers that end a training's graph; they read labels behind their first input.</summary>
    static readonly FrozenSet<string> Endings =
    [
        "SoftmaxOutput", "Softmax", "LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput",
        "SVMOutput",
    ];

    static readonly FrozenSet<string> BatchNorms = ["BatchNorm", "BatchNorm_v1", "CuDNNBatchNorm"];

    public static bool IsBatchNorm(string op) => BatchNorms.Contains(op);

    /// <summary>True for a variable that only training reads.</summary>
    public static bool IsLabel(Symbol symbol, SymbolNode variable) => symbol.Readers.Contains(variable)
        && symbol.Readers[variable].All(read => read.Input > 0 && Endings.Contains(read.Node.Op));

    /// <summary>
    /// A parameter, a statistic, or a constant: the gamma of a batch norm that fixes it, whose stored content does not
    /// count.
    /// </summary>
    public static Role Of(Symbol symbol, SymbolNode variable) => symbol.Readers[variable]
        .Where(read => IsBatchNorm(read.Node.Op))
        .Select(read => read.Input switch
        {
            1 when FixesGamma(read.Node) => Role.Constant,
            3 or 4 => Role.Stat,
            _ => Role.Param,
        })
        .FirstOrDefault(Role.Param);

    static bool FixesGamma(SymbolNode norm) =>
        norm.Attributes.GetValueOrDefault("fix_gamma", "True") is not ("False" or "false" or "0");
}
