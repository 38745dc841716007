using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace OnnxTimm.Tests.Repository;

/// <summary>The two scripts are one script in two languages.</summary>
[TestClass]
public sealed partial class ScriptTests
{
    static readonly string[] Verbs =
        ["attack", "bench", "build", "demo", "docs", "lint", "pack", "publish", "test", "test-all"];

    [TestMethod]
    public void PowerShellParses() => Assert.IsEmpty(Errors(Sources.Read("build.ps1")));

    [TestMethod]
    public void AFaultInAScriptIsSeen() =>
        Assert.IsNotEmpty(Errors(Sources.Read("build.ps1").Replace("switch ($Verb) {", "switch ($Verb {")));

    [TestMethod]
    public void BashHasTheVerbs() => CollectionAssert.AreEquivalent(Verbs,
        BashCase().Matches(Sources.Read("build.sh")).SelectMany(m =>
            m.Groups[1].Value.Split(" | ")).Except(["all"]).ToArray());

    [TestMethod]
    public void PowerShellHasTheVerbs()
    {
        var script = Parser.ParseInput(Sources.Read("build.ps1"), out _, out _);
        var verbs = ((SwitchStatementAst)script.Find(ast => ast is SwitchStatementAst, true)).Clauses
            .SelectMany(clause => clause.Item1.FindAll(ast => ast is StringConstantExpressionAst, true))
            .Select(ast => ((StringConstantExpressionAst)ast).Value).Except(["all"]);
        CollectionAssert.AreEquivalent(Verbs, verbs.ToArray());
    }

    /// <summary>
    /// The same commands of dotnet and of the program, but for how a line goes on and a flag is quoted.
    /// </summary>
    [TestMethod]
    public void BothCallTheSameCommands() => CollectionAssert.AreEquivalent(Calls("build.sh"), Calls("build.ps1"));

    static ParseError[] Errors(string script)
    {
        Parser.ParseInput(script, out _, out var errors);
        return errors;
    }

    static string[] Calls(string script) =>
    [
        .. Call().Matches(Continued().Replace(Sources.Read(script), " "))
            .Select(m => Regex.Replace(m.Groups[1].Value, @"[""']|\s+--filter.*|\$@|@args|\$\{@:2\}|@Rest|\s*[;}].*",
                "").Trim())
            .Select(call => Regex.Replace(call, @"\s+", " ")),
    ];

    [GeneratedRegex(@"^    ([a-z][a-z |-]*)\) ", RegexOptions.Multiline)]
    private static partial Regex BashCase();

    [GeneratedRegex(@"\s[\\`]\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"((?:dotnet|""?\$program""?) (?:format|build|pack|publish|test|run|restore|train|infer)\b.*)")]
    private static partial Regex Call();
}
