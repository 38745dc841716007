using System.Reflection;
using CommandLine;
using CommandLine.Text;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>From the words of a command line to a verb with its flags, by CommandLineParser.</summary>
static class Arguments
{
    /// <summary>The verb that the words ask for; null when they only asked for help, which is then written.</summary>
    public static IVerb? Parse(string[] args, Streams streams)
    {
        if (args is ["help", var about, ..])
            args = [about, "--help"];
        var name = args.FirstOrDefault("--help");
        if (name is "--help" or "-h" or "help")
            return Overview(streams.Out);
        if (name is "--version" or "version")
            return Version(streams.Out);
        var row = VerbRow.All.FirstOrDefault(v => v.Name == name) ?? throw new UserException(
            $"No command \"{name}\".{Nearest.Hint(name, VerbRow.All.Select(v => v.Name))} "
            + "\"onnxtimm --help\" lists all.");
        return row.Parse(row, args[1..], streams);
    }

    /// <summary>Reads a verb's flags; null when its help was asked for.</summary>
    public static IVerb? Of<T>(VerbRow row, string[] args, Streams streams) where T : class, IVerb, new() =>
        Of(row, args, streams, () => new T());

    /// <summary>The same over values of one's own instead of the defaults.</summary>
    public static T? Of<T>(VerbRow row, string[] args, Streams streams, Func<T> create) where T : class, IVerb
    {
        var words = Words.Of<T>(row.Name, args, streams.Note);
        if (create() is { } plain && Assignment.TrySet(plain, words))
            return Checked(row, plain);
        using var parser = NewParser();
        var result = parser.ParseArguments(create, words);
        if (result.Value is { } verb && !result.Errors.Any())
            return Checked(row, verb);
        if (!result.Errors.IsHelp())
            throw new UserException($"{Message<T>(result.Errors.First(), row)} "
                + $"\"onnxtimm {row.Name} --help\" lists all flags.");
        Help(result, row, streams.Out);
        return null;
    }

    static Parser NewParser() => new(s =>
    {
        s.HelpWriter = null;
        s.AutoVersion = false;
    });

    static T Checked<T>(VerbRow row, T verb) where T : class, IVerb
    {
        if (verb.Surplus.FirstOrDefault() is { } word)
            throw new UserException(
                $"{row.Name} does not understand \"{word}\". \"onnxtimm {row.Name} --help\" lists all flags.");
        OptionRanges.Check(verb);
        return verb;
    }

    static IEnumerable<string> Names<T>() => typeof(T).GetProperties()
        .Select(p => p.GetCustomAttribute<OptionAttribute>()?.LongName)
        .OfType<string>().Select(name => $"--{name}").Concat(TimmFlags.Aliases.Keys);

    static string Message<T>(Error error, VerbRow row) => error switch
    {
        UnknownOptionError { Token.Length: 1 } e => $"{row.Name} has no flag -{e.Token}.",
        UnknownOptionError e when Elsewhere(e.Token) is { Length: > 0 } others =>
            $"--{e.Token} is no flag of {row.Name}, but of {others}.",
        UnknownOptionError e when Names<T>().Where(name => name.StartsWith($"--{e.Token}", StringComparison.Ordinal))
            .ToArray() is { Length: > 1 } begun =>
            $"{row.Name} has no flag --{e.Token}. So begin {string.Join(", ", begun.Order(StringComparer.Ordinal))}.",
        UnknownOptionError e => $"{row.Name} has no flag --{e.Token}.{Nearest.Hint($"--{e.Token}", Names<T>())}",
        MissingRequiredOptionError { NameInfo.LongName: "" } when NeededWords<T>() is > 1 and var count =>
            $"{row.Name} needs {count} names or files.",
        MissingRequiredOptionError e => $"{row.Name} needs {Flag(e.NameInfo)}.",
        MissingValueOptionError e => $"{Flag(e.NameInfo)} needs a value.",
        BadFormatConversionError e => $"{Flag(e.NameInfo)} takes {Kind(TypeOf<T>(e.NameInfo))}.",
        SequenceOutOfRangeError e => $"{Flag(e.NameInfo)} has another number of values.",
        TokenError e => $"{row.Name} does not understand \"{e.Token}\".",
        _ => $"{row.Name}: {error.Tag}.",
    };

    static int NeededWords<T>() => typeof(T).GetProperties()
        .Count(p => p.GetCustomAttribute<ValueAttribute>() is { Required: true });

    /// <summary>The other commands that have a flag.</summary>
    static string Elsewhere(string flag) => string.Join(", ", typeof(Arguments).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && typeof(IVerb).IsAssignableFrom(t) && t.GetProperties()
            .Any(p => p.GetCustomAttribute<OptionAttribute>()?.LongName == flag))
        .Select(t => t.Name[..^"Verb".Length].ToLowerInvariant()).Order(StringComparer.Ordinal));

    static Type? TypeOf<T>(NameInfo name) => typeof(T).GetProperties().FirstOrDefault(p =>
        p.GetCustomAttribute<OptionAttribute>()?.LongName == name.LongName)?.PropertyType;

    static string Kind(Type? type) => type switch
    {
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IEnumerable<>) =>
            $"{Kind(type.GenericTypeArguments[0])} or several, with blanks between them",
        { IsGenericType: true } => Kind(type.GenericTypeArguments[0]),
        _ when type == typeof(int) || type == typeof(long) || type == typeof(ulong) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ => "another value",
    };

    static string Flag(NameInfo name) => name.LongName.Length > 0 ? $"--{name.LongName}"
        : name.ShortName.Length > 0 ? $"-{name.ShortName}"
        : "the name or file it is about";

    static IVerb? Overview(TextWriter output)
    {
        output.WriteLine("onnxtimm: image models for .NET, on ONNX\n");
        foreach (var verb in VerbRow.All)
            output.WriteLine($"  {verb.Name,-10} {verb.Purpose}");
        output.WriteLine("\nonnxtimm COMMAND --help shows the flags of a command.");
        return null;
    }

    static IVerb? Version(TextWriter output)
    {
        output.WriteLine($"onnxtimm {typeof(Arguments).Assembly.GetName().Version?.ToString(3)}");
        return null;
    }

    static void Help<T>(ParserResult<T> result, VerbRow row, TextWriter output) =>
        output.WriteLine(HelpText.AutoBuild(result, help =>
        {
            help.Heading = $"onnxtimm {row.Name}: {row.Purpose}";
            help.Copyright = "";
            help.AdditionalNewLineAfterOption = false;
            help.AutoVersion = false;
            help.MaximumDisplayWidth = 120;
            TimmFlag[] others = [.. TimmFlags.Of(row.Name)];
            foreach (var (title, flags) in ((string, IEnumerable<TimmFlag>)[])
                [("change nothing here", others.OfType<TimmFlag.Taken>()),
                ("are not to be had", others.OfType<TimmFlag.Refused>())])
                if (flags.Any())
                    help.AddPostOptionsLines([$"Flags of timm that {title}:",
                        .. flags.Select(flag => $"  {flag.Name,-27} {flag.Answer}"), ""]);
            return help;
        }, e => e));
}
