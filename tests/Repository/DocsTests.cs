using System.Reflection;
using System.Text.RegularExpressions;
using CommandLine;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Tests.Repository;

/// <summary>What README and docs name is there: files, commands, flags, tests.</summary>
[TestClass]
public sealed partial class DocsTests
{
    static readonly Dictionary<string, HashSet<string>> Flags = VerbRow.All.ToDictionary(row => row.Name, row =>
        FlagsOf(row.Name));

    [TestMethod]
    public void RelativeLinksLeadSomewhere() => None(
        from page in Sources.Pages()
        from Match link in Link().Matches(Sources.Read(page))
        let target = link.Groups[1].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains("://")
            && !Path.Exists(Path.Combine(Paths.Root, Path.GetDirectoryName(page)!, target))
        select $"{page}: {target}");

    [TestMethod]
    public void CommandsHaveTheirVerbsAndFlags() => None(
        from page in Sources.Pages()
        from command in Commands(Sources.Read(page))
        from fault in Faults(command)
        select $"{page}: {fault}");

    [TestMethod]
    public void TestsThatAreNamedExist()
    {
        var tests = typeof(DocsTests).Assembly.GetTypes().Select(t => t.Name).ToHashSet();
        None(from page in Sources.Pages()
             from Match name in TestName().Matches(Sources.Read(page))
             where !tests.Contains(name.Value)
             select $"{page}: {name.Value}");
    }

    /// <summary>Every page is reached from the README, those of families from their list.</summary>
    [TestMethod]
    public void ReadmeLinksEveryPage() => None(
        from page in Sources.Pages()
        where page.StartsWith("docs/", StringComparison.Ordinal) && !Sources.Read("README.md").Contains($"({page})")
            && !Sources.Read("docs/models.md").Contains($"({page["docs/".Length..]})")
        select page);

    [TestMethod]
    public void WrongFlagsAreSeen()
    {
        var page = "```\nonnxtimm bulk --model-list a validate --jsn\nonnxtimm export resnet18 \\\n  --ouput a.onnx | "
            + "tail -1\nonnxtimm fly\n```\nand `onnxtimm list --jsn`";
        CollectionAssert.AreEqual(
            new[] { "validate has no --jsn", "export has no --ouput", "no verb fly", "list has no --jsn" },
            Commands(page).SelectMany(Faults).ToArray());
    }

    /// <summary>Each use of the program: the words after its name, up to the end of the command.</summary>
    static IEnumerable<string[]> Commands(string page) =>
        from Match code in Code().Matches(page)
        from line in code.Value.Replace("\\\n", " ").Split('\n')
        from Match use in Use().Matches(line)
        select use.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static IEnumerable<string> Faults(string[] words)
    {
        if (words.Length == 0 || !Regex.IsMatch(words[0], "^[a-z]+$"))
            yield break;
        var inner = words[0] == "bulk" ? Array.FindIndex(words, 1, Flags.ContainsKey) : -1;
        foreach (var fault in inner > 0 ? Faults(words[inner..]) : [])
            yield return fault;
        if (!Flags.TryGetValue(words[0], out var flags))
            yield return $"no verb {words[0]}";
        else
            foreach (var flag in words[..(inner > 0 ? inner : words.Length)].Where(w => w.StartsWith("--", StringComparison.Ordinal)
                && !flags.Contains(w.Split('=')[0])))
                yield return $"{words[0]} has no {flag}";
    }

    static HashSet<string> FlagsOf(string verb)
    {
        var type = typeof(VerbRow).Assembly.GetTypes().Single(t =>
            typeof(IVerb).IsAssignableFrom(t) && t.Name.Equals($"{verb}Verb", StringComparison.OrdinalIgnoreCase));
        return [.. type.GetProperties().Select(p => p.GetCustomAttribute<OptionAttribute>()?.LongName).OfType<string>()
            .Select(name => $"--{name}"), "--help"];
    }

    static void None(IEnumerable<string> faults)
    {
        var list = faults.ToArray();
        Assert.IsEmpty(list, string.Join("\n", list));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]+`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<=^|[\s/`""])onnxtimm ([^|#`;>]*)")]
    private static partial Regex Use();

    [GeneratedRegex(@"\b[A-Z]\w+Tests\b")]
    private static partial Regex TestName();
}
