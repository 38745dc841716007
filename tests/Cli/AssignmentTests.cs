using System.Collections;
using System.Globalization;
using System.Reflection;
using CommandLine;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Tests.Cli;

/// <summary>Plain words set what CommandLineParser would set, and all others are left to it.</summary>
[TestClass]
public sealed class AssignmentTests
{
    const int Lines = 60;

    static IEnumerable<object[]> Verbs => typeof(IVerb).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && typeof(IVerb).IsAssignableFrom(t)).Select(t => new object[] { t });

    public static string Name(MethodInfo method, object[] data) => $"{method.Name} {((Type)data[0]).Name}";

    [TestMethod]
    [DynamicData(nameof(Verbs), DynamicDataDisplayName = nameof(Name))]
    public void ItSetsWhatTheParserSets(Type type)
    {
        var random = new Random(1);
        var plain = Enumerable.Range(0, Lines).Count(_ => IsSetAlike(type, Words(type, random)));
        Assert.IsGreaterThan(Lines / 8, plain);
    }

    [TestMethod]
    [DynamicData(nameof(Verbs), DynamicDataDisplayName = nameof(Name))]
    public void ItSetsEveryFlag(Type type)
    {
        string[] needed = [.. Settable(type).OrderBy(p => p.GetCustomAttribute<ValueAttribute>()?.Index)
            .Where(p => p.GetCustomAttribute<BaseAttribute>()!.Required).SelectMany(p => Words(p, "5"))];
        var optional = Settable(type)
            .Where(p => p.GetCustomAttribute<OptionAttribute>() is { Required: false, Min: < 0 });
        foreach (var property in optional)
            Assert.IsTrue(IsSetAlike(type, [.. needed, .. Words(property, "7")]), property.Name);
    }

    /// <summary>False where the words are left to the parser.</summary>
    static bool IsSetAlike(Type type, string[] words)
    {
        var ours = Activator.CreateInstance(type)!;
        var before = Settable(type).Select(p => Text(p.GetValue(ours))).ToArray();
        var isSet = Assignment.TrySet(ours, words);
        if (!isSet)
            CollectionAssert.AreEqual(before, Settable(type).Select(p => Text(p.GetValue(ours))).ToArray());
        else if (Parsed(type, words) is not { } parsers)
            Assert.Fail($"The parser refuses {string.Join(' ', words)}.");
        else
            foreach (var property in Settable(type))
                Assert.AreEqual(Text(property.GetValue(parsers)), Text(property.GetValue(ours)),
                    $"{property.Name} of {string.Join(' ', words)}");
        return isSet;
    }

    /// <summary>The short name of a flag where it has one, and a value.</summary>
    static string[] Words(PropertyInfo property, string value) => property.GetCustomAttribute<BaseAttribute>() switch
    {
        OptionAttribute option => [option.ShortName.Length > 0 ? $"-{option.ShortName}" : $"--{option.LongName}",
            .. property.PropertyType == typeof(bool) ? Array.Empty<string>() : [value]],
        _ => [value],
    };

    [TestMethod]
    [DataRow("resnet18", "--help")]
    [DataRow("resnet18", "--output", "a", "--outpt", "b")]
    [DataRow("resnet18", "--opset", "x")]
    [DataRow("resnet18", "--opset", "-17")]
    [DataRow("resnet18", "--opset")]
    [DataRow("resnet18", "--num-classes", "5.5")]
    [DataRow("resnet18", "--", "--output")]
    public void TheParserJudgesTheRest(params string[] words) =>
        Assert.IsFalse(Assignment.TrySet(new OnnxTimm.Cli.Verbs.ExportVerb(), words));

    static object? Parsed(Type type, string[] words)
    {
        var parse = typeof(AssignmentTests).GetMethod(nameof(ParsedAs), BindingFlags.Static | BindingFlags.NonPublic)!;
        return parse.MakeGenericMethod(type).Invoke(null, [words]);
    }

    static T? ParsedAs<T>(string[] words) where T : class, new()
    {
        using var parser = new Parser(s => s.HelpWriter = null);
        var result = parser.ParseArguments(() => new T(), words);
        return result.Errors.Any() ? null : result.Value;
    }

    static PropertyInfo[] Settable(Type type) =>
        [.. type.GetProperties().Where(p => p.GetCustomAttribute<BaseAttribute>() is not null)];

    static string Text(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Text))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Some flags in any order behind the first words, with all that are needed in most lines.</summary>
    static string[] Words(Type type, Random random)
    {
        var places = Settable(type);
        random.Shuffle(places);
        var some = random.Next(6);
        var words = places.OrderBy(p => p.GetCustomAttribute<ValueAttribute>()?.Index)
            .Where(p => p.GetCustomAttribute<ValueAttribute>() is { Hidden: false } && random.Next(10) > 0)
            .SelectMany(p => Values(p.PropertyType, random)).ToList();
        foreach (var property in places)
            if (property.GetCustomAttribute<OptionAttribute>() is { } option
                && (some-- > 0 || option.Required && random.Next(10) > 0))
                words.AddRange([$"--{option.LongName}", .. Values(property.PropertyType, random)]);
        return [.. words];
    }

    static string[] Values(Type type, Random random) =>
        type == typeof(bool) ? []
        : type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type)
            ? [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(type.GenericTypeArguments[0], random))]
        : [Value(Nullable.GetUnderlyingType(type) ?? type, random)];

    static string Value(Type type, Random random)
    {
        string[] good = type == typeof(string) ? ["a", "b c", "1e-3", "*.png"]
            : type == typeof(double) ? ["0.5", "1e-3", "7", "inf", " 2", "1,000", ".5"]
            : ["1", "32", "007", " 4", "+5"];
        string[] odd = ["", "-", "-1", "x", "1.5", "a=b", "99999999999"];
        var from = random.Next(15) == 0 ? odd : good;
        return from[random.Next(from.Length)];
    }
}
