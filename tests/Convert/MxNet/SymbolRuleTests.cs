using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Every rule of MXNet's operators, under each of its names, against the operator's formula.</summary>
[TestClass]
public sealed partial class SymbolRuleTests
{
    static readonly Grid X = Grid.Random("x", 2, 4, 5, 6);
    static readonly Grid Y = Grid.Random("y", 2, 4, 5, 6);
    static readonly Grid Z = Grid.Random("z", 2, 4, 5, 6);

    // Not before all fields of all parts have their values.
    static Dictionary<string, SymbolRow> Rows =>
        field ??= new[] { Elementwise, Arithmetic, Reductions, Linear, Norms, Maps, Layout, Codes }
            .SelectMany(rows => rows).ToDictionary(row => $"{row}");

    public static IEnumerable<object[]> Names => Rows.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void TheRuleIsTheFormula(string row) => Rows[row].Run();

    [TestMethod]
    public void EveryOperatorHasARow() => CollectionAssert.AreEquivalent(
        Symbol.KnownOperators.ToArray(), Rows.Values.SelectMany(row => row.Ops.Split(' ')).Distinct().ToArray());

    /// <summary>Of each operator one attribute that nothing can be made of, and a word of the message.</summary>
    [TestMethod]
    [DataRow("Convolution", "kernel=(3,3) num_filter=2 layout=NHWC", "layout is NHWC")]
    [DataRow("Convolution", "kernel=(3,3)", "num_filter is missing")]
    [DataRow("Convolution", "kernel=(3,x) num_filter=2", "kernel is \"(3,x)\"")]
    [DataRow("Pooling", "kernel=(9,9)", "the window 9 does not fit 5 pixels")]
    [DataRow("Pooling", "kernel=(2,2) pad=(2,2)", "between pads of 2")]
    [DataRow("Pooling", "kernel=(2,2) pool_type=mean", "none of max, avg, sum, lp")]
    [DataRow("Pooling", "kernel=(2,2) stride=(0,1)", "stride is (0,1)")]
    [DataRow("Activation", "act_type=swish", "act_type is \"swish\"")]
    [DataRow("Reshape", "shape=(0,7)", "node \"y\" (Reshape)")]
    [DataRow("SliceChannel", "num_outputs=3", "cannot be split into 3")]
    [DataRow("Dropout", "mode=always", "active in inference")]
    [DataRow("transpose", "axes=(0,1,1,2)", "no order of the axes")]
    [DataRow("sum", "axis=(5)", "Axis 5 is outside")]
    public void WhatCannotBeReadIsToldWithTheNode(string op, string attributes, string word)
    {
        var row = new SymbolRow(op, attributes, [X], [Grid.Random("w", 2, 4, 3, 3), Grid.Random("b", 2)], [X]);
        var e = Assert.ThrowsExactly<UserException>(row.Run);
        StringAssert.Contains(e.Message, word);
        StringAssert.Contains(e.Message, $"\"y\" ({op})");
    }

    static SymbolRow Row(string ops, string attributes, Grid x, Grid expected, params Grid[] weights) =>
        new(ops, attributes, [x], weights, [expected]);

    static SymbolRow Row(string ops, string attributes, Grid[] inputs, Grid expected) =>
        new(ops, attributes, inputs, [], [expected]);

    static double Sum(long count, Func<long, double> value)
    {
        var sum = 0.0;
        for (var i = 0L; i < count; i++)
            sum += value(i);
        return sum;
    }
}
