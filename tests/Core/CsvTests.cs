namespace OnnxTimm.Tests;

/// <summary>Expected texts are those of Python's csv module with QUOTE_MINIMAL.</summary>
[TestClass]
public sealed class CsvTests
{
    [TestMethod]
    [DataRow("a,b\n", "a", "b")]
    [DataRow("\"a,b\",c\n", "a,b", "c")]
    [DataRow("\"say \"\"no\"\"\"\n", "say \"no\"")]
    [DataRow("\"two\nlines\",\"a\rb\"\n", "two\nlines", "a\rb")]
    public void TextIsQuotedWhereItMust(string expected, params string[] cells) =>
        Assert.AreEqual(expected, Csv.Row(cells));

    [TestMethod]
    public void NumbersAreThoseOfPython() =>
        Assert.AreEqual("1,0.1,0.25,nan,inf,-inf,\n", Csv.Row([1, 0.1, 0.25f, double.NaN, float.PositiveInfinity,
            double.NegativeInfinity, null]));
}
