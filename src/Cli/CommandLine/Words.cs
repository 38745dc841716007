using System.Reflection;
using CommandLine;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>The words behind a command as argparse would take them, before the parser reads them.</summary>
static class Words
{
    /// <summary>Flags of timm that have two names: the second is read as the first.</summary>
    public static readonly Dictionary<string, string> Aliases = new()
    {
        { "--global-pool", "--gp" },
        { "-vb", "--validation-batch-size" },
        { "--dr", "--decay-rate" },
        { "-h", "--help" },
    };

    /// <summary>Flags of timm's scripts that only concern PyTorch, or say what is always so here.</summary>
    public static readonly string[] Granted =
        ["--channels-last", "--fullname", "--include-index", "--no-prefetcher", "--pin-mem", "--results-separate-col"];

    /// <summary>The value of a flag that may stand bare and does.</summary>
    public const string All = "all";

    /// <summary>
    /// Aliases are replaced; of a flag that is given twice the last holds; the model may be a flag or a word by itself.
    /// </summary>
    /// <exception cref="UserException">A flag lacks its value, or a number is written with a comma.</exception>
    public static string[] Of<T>(IEnumerable<string> args)
    {
        var flags = Flags<T>();
        var words = args.Where(a => !Granted.Contains(a)).Select(a => Aliases.GetValueOrDefault(a, a));
        Group[] groups = [.. Groups([.. words], flags).Select(Whole)];
        if (groups.FirstOrDefault(g => g is { Property: not null, Words.Length: 1 }
            && Arity(g.Property.PropertyType) > 0) is { } bare)
            throw new UserException($"{bare.Words[0]} needs a value.");
        foreach (var (property, group) in groups)
            if (property is not null && group.Skip(1).FirstOrDefault(w => !IsReadable(property, w)) is { } word)
                throw new UserException($"{group[0]} takes a number, not \"{word}\": write a point, not a comma.");
        var last = groups.Where(g => g.Property is not null).GroupBy(g => g.Property!.Name)
            .ToDictionary(g => g.Key, g => g.Last().Words);
        return [.. Model<T>(groups
            .Where(g => g.Property is null || ReferenceEquals(last[g.Property.Name], g.Words)))
            .SelectMany(g => g)];
    }

    /// <summary>A flag whose values stand in brackets may stand bare.</summary>
    static Group Whole(Group group) => group is { Property: { } property, Words: [var flag] }
        && property.GetCustomAttribute<OptionAttribute>()!.MetaValue.StartsWith('[')
            ? new(property, [flag, All]) : group;

    static Dictionary<string, PropertyInfo> Flags<T>()
    {
        var flags = new Dictionary<string, PropertyInfo>();
        foreach (var property in typeof(T).GetProperties())
            if (property.GetCustomAttribute<OptionAttribute>() is { } option)
            {
                flags.TryAdd($"--{option.LongName}", property);
                if (option.ShortName.Length > 0)
                    flags.TryAdd($"-{option.ShortName}", property);
            }
        return flags;
    }

    static List<Group> Groups(string[] args, Dictionary<string, PropertyInfo> flags)
    {
        var groups = new List<Group>();
        for (var i = 0; i < args.Length;)
        {
            var parts = args[i].Split('=', 2);
            var property = args[i].StartsWith('-') ? flags.GetValueOrDefault(parts[0]) : null;
            var values = property is null || parts.Length == 2 ? 0 : args.Skip(i + 1)
                .TakeWhile(word => !IsFlag(word)).Take(Arity(property.PropertyType)).Count();
            groups.Add(new(property, property is not null && parts.Length == 2 ? parts : args[i..(i + 1 + values)]));
            i += 1 + values;
        }
        return groups;
    }

    static bool IsFlag(string word) =>
        word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]) && word[1] != '.';

    static int Arity(Type type) => type == typeof(bool) || type == typeof(bool?) ? 0 : IsList(type) ? int.MaxValue : 1;

    static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>);

    static bool IsReadable(PropertyInfo property, string word) => OptionRanges.IsReadable(
        IsList(property.PropertyType) ? property.PropertyType.GenericTypeArguments[0] : property.PropertyType, word);

    /// <summary>
    /// timm has the model as a flag, and people write it as the first word: both are taken by every command.
    /// </summary>
    static List<string[]> Model<T>(IEnumerable<Group> groups)
    {
        const string assigned = "--model=";
        var words = groups.Select(g => g.Words).ToList();
        var isWord = typeof(T).GetProperty("Model")?.GetCustomAttribute<ValueAttribute>() is not null;
        var hasWord = typeof(T).GetProperties().Any(p => p.GetCustomAttribute<ValueAttribute>() is { Index: 0 });
        var flag = words.FindIndex(w => w[0] is "--model" or "-m");
        if (isWord && flag >= 0)
            words.RemoveAt(flag);
        else if (isWord && words.FindIndex(w => w[0].StartsWith(assigned, StringComparison.Ordinal)) is >= 0 and var at)
            words[at] = [words[at][0][assigned.Length..]];
        else if (!isWord && !hasWord && typeof(T).GetProperty("Model") is not null
            && words.Count > 0 && !IsFlag(words[0][0]) && !words.Any(w => w[0] is "--model" or "-m"))
            words.Insert(0, ["--model"]);
        return words;
    }

    /// <summary>
    /// A flag with its values, or any other word by itself. A class, since code over lists of values of our own is not
    /// compiled ahead of time, and each command would wait for it.
    /// </summary>
    /// <param name="Property">What the flag sets; null for a word.</param>
    /// <param name="Words">As they were given.</param>
    sealed record Group(PropertyInfo? Property, string[] Words);
}
