using System.Text.RegularExpressions;

namespace OnnxTimm.Tests.Repository;

/// <summary>The two scripts are one script in two languages.</summary>
[TestClass]
public sealed partial class ScriptTests
{
    static readonly string[] Verbs = ["bench", "build", "demo", "lint", "publish", "test", "test-all"];

    [TestMethod]
    public void BashHasTheVerbs() => CollectionAssert.AreEquivalent(Verbs, Cases(BashCase(), "build.sh"));

    [TestMethod]
    public void PowerShellHasTheVerbs() => CollectionAssert.AreEquivalent(Verbs, Cases(PowerShellCase(), "build.ps1"));

    /// <summary>The same commands of dotnet and of the program, but for how a line goes on and a flag is quoted.</summary>
    [TestMethod]
    public void BothCallTheSameCommands() => CollectionAssert.AreEquivalent(Calls("build.sh"), Calls("build.ps1"));

    static string[] Cases(Regex pattern, string script) =>
    [
        .. pattern.Matches(Sources.Read(script)).SelectMany(m => Word().Matches(m.Groups[1].Value + m.Groups[2].Value)).Select(m => m.Value)
            .Where(verb => verb != "all"),
    ];

    static string[] Calls(string script) =>
    [
        .. Call().Matches(Continued().Replace(Sources.Read(script), " "))
            .Select(m => Regex.Replace(m.Groups[1].Value, @"[""']|\s+--filter.*|\$@|@args|\$\{@:2\}|@Rest|\s*[;}].*", "").Trim())
            .Select(call => Regex.Replace(call, @"\s+", " ")),
    ];

    [GeneratedRegex(@"^    ([a-z][a-z |-]*)\) ", RegexOptions.Multiline)]
    private static partial Regex BashCase();

    [GeneratedRegex(@"^    (?:'([a-z-]+)' \{|\{ \$_ -in ('[a-z-]+'(?:, '[a-z-]+')*) \})", RegexOptions.Multiline)]
    private static partial Regex PowerShellCase();

    [GeneratedRegex("[a-z][a-z-]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s[\\`]\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"((?:dotnet|""?\$program""?) (?:format|build|publish|test|run|restore|train|infer)\b.*)")]
    private static partial Regex Call();
}
