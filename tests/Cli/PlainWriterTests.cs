namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class PlainWriterTests
{
    /// <summary>A name that clears the screen, one that goes back in the line, one that writes backwards.</summary>
    [TestMethod]
    [DataRow("a\x1b[2J.jpg", @"a\x1B[2J.jpg")]
    [DataRow("ok\rno", @"ok\x0Dno")]
    [DataRow("gpj.\u202Eexe", @"gpj.\u202Eexe")]
    [DataRow("\u009B31mred", @"\x9B31mred")]
    [DataRow("a\tb\r\nc\nCafé 茶", "a\tb\r\nc\nCafé 茶")]
    public void ControlsAreShown(string text, string expected)
    {
        foreach (var write in (Action<TextWriter>[])
            [w => w.Write(text), w => w.Write(text.AsSpan()), w => w.Write(text.ToCharArray()), w => w.WriteLine(text)])
        {
            var inner = new StringWriter();
            using var writer = new PlainWriter(inner);
            write(writer);
            Assert.AreEqual(expected, inner.ToString().TrimEnd('\n'));
        }
    }
}
