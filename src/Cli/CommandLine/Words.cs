using System.Reflection;
using CommandLine;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>The words behind a command as argparse would take them, before the parser reads them.</summary>
static class Words
{
    /// <summary>The value of a flag that may stand bare and does.</summary>
    public const string All = "all";

    /// <summary>
    /// Second names and clear beginnings of flags are replaced; of a flag that is given twice the last holds; the model
    /// may be a flag or a word by itself. Flags of timm that are no flags here are answered.
    /// </summary>
    /// <param name="verb">The command.</param>
    /// <param name="args">The words behind it.</param>
    /// <param name="note">Takes a sentence about a flag that changes nothing.</param>
    /// <exception cref="UserException">
    /// A flag lacks its value or is not to be had, or a number is written with a comma.
    /// </exception>
    public static string[] Of<T>(string verb, IEnumerable<string> args, Action<string> note)
    {
        Group[] groups = [.. Answered(Groups<T>(verb, args), note).Select(Whole)];
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

    /// <summary>The place of the first word that is neither a flag nor the value of one; the end without one.</summary>
    public static int FirstWord<T>(string verb, string[] args) => Groups<T>(verb, args)
        .FirstOrDefault(g => g is { Property: null, Timms: null } && !IsFlag(g.Words[0]))?.At ?? args.Length;

    /// <summary>Flags, cut short or not, with their values, and the other words.</summary>
    static List<Group> Groups<T>(string verb, IEnumerable<string> args)
    {
        var flags = Flags<T>();
        var timms = TimmFlags.Of(verb).Where(f => !flags.ContainsKey(f.Name)).ToDictionary(f => f.Name);
        string[] names = [.. flags.Keys, .. timms.Keys, .. TimmFlags.Aliases.Keys, "--model"];
        return Groups([.. args.Select(word => Full(word, names))], flags, timms);
    }

    /// <summary>A flag may be cut short, as argparse has it, and may have a second name.</summary>
    static string Full(string word, string[] names)
    {
        var parts = word.Split('=', 2);
        string[] meant = names.Contains(parts[0]) || !parts[0].StartsWith("--", StringComparison.Ordinal) ? [parts[0]]
            : [.. names.Where(name => name.StartsWith(parts[0], StringComparison.Ordinal))
                .Select(name => TimmFlags.Aliases.GetValueOrDefault(name, name)).Distinct()];
        return meant is [var one]
            ? string.Join('=', [TimmFlags.Aliases.GetValueOrDefault(one, one), .. parts[1..]]) : word;
    }

    /// <summary>The words without those flags of timm that change nothing, about which a sentence is said.</summary>
    static IEnumerable<Group> Answered(IEnumerable<Group> groups, Action<string> note)
    {
        foreach (var group in groups)
            if (group.Timms is not { } timms)
                yield return group;
            else if (timms is TimmFlag.Refused refused && refused.Asks(group.Words[1..]))
                throw new UserException(timms.Sentence);
            else if (timms is TimmFlag.Taken)
                note(timms.Sentence);
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

    static List<Group> Groups(
        string[] args, Dictionary<string, PropertyInfo> flags, Dictionary<string, TimmFlag> timms)
    {
        var groups = new List<Group>();
        for (var i = 0; i < args.Length;)
        {
            var parts = args[i].Split('=', 2);
            var property = args[i].StartsWith('-') ? flags.GetValueOrDefault(parts[0]) : null;
            var timm = timms.GetValueOrDefault(parts[0]);
            var most = parts.Length == 2 ? 0 : timm?.Arity ?? (property is null ? 0 : Arity(property.PropertyType));
            var values = args.Skip(i + 1).TakeWhile(word => !IsFlag(word)).Take(most).Count();
            var isAssigned = parts.Length == 2 && (property is not null || timm is not null);
            groups.Add(new(property, isAssigned ? parts : args[i..(i + 1 + values)])
            {
                Timms = timm,
                At = i,
            });
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
    sealed record Group(PropertyInfo? Property, string[] Words)
    {
        /// <summary>A flag of timm that is none here; null for all others.</summary>
        public TimmFlag? Timms { get; init; }

        /// <summary>The place of its first word.</summary>
        public int At { get; init; }
    }
}
