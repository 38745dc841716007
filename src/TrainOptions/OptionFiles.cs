using System.Collections;
using System.Globalization;
using System.Reflection;
using CommandLine;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace OnnxTimm.Train;

/// <summary>Options as YAML, under timm's keys: args.yaml of a run, and <c>--config</c> files.</summary>
public static class OptionFiles
{
    static readonly Dictionary<string, PropertyInfo> Keys = typeof(TrainOptions).GetProperties()
        .Select(p => (Key: NameOf(p), Property: p))
        .Where(p => p.Key is not null && p.Key != "config")
        .ToDictionary(p => p.Key!.Replace('-', '_'), p => p.Property);

    const int MaxDepth = 32;

    /// <summary>The key of the folder that relative paths begin at, which is no option.</summary>
    internal const string BegunIn = "begun_in";

    /// <summary>Keys of timm that are no options here, and the answers to them.</summary>
    static readonly Dictionary<string, TimmFlag> Others = TimmFlags.Of("train").ToDictionary(flag => flag.Key);

    /// <summary>Second names, and those of older files, which may stand switched off beside the newer ones.</summary>
    static readonly Dictionary<string, string> Former = TimmFlags.Aliases.ToDictionary(
        flag => KeyOf(flag.Key), flag => KeyOf(flag.Value));

    /// <summary>All options in the order of their names, and the folder that their relative paths begin at.</summary>
    public static string Write(TrainOptions options) => new SerializerBuilder()
        .WithQuotingNecessaryStrings()
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.Preserve)
        .Build()
        .Serialize(Keys.Select(k => (k.Key, Value: Plain(k.Key, k.Value.GetValue(options))))
            .Append((BegunIn, Directory.GetCurrentDirectory()))
            .OrderBy(k => k.Key, StringComparer.Ordinal).ToDictionary(k => k.Key, k => k.Value));

    /// <summary>Sets the options that a file has. Keys of timm that change nothing here are passed over.</summary>
    /// <exception cref="UserException">
    /// The file is no YAML, a value is of the wrong kind, or something is asked for that is not to be had.
    /// </exception>
    public static void Read(string path, TrainOptions into) => Parse(Text(path), path, into);

    /// <summary>The content of a file of options.</summary>
    /// <exception cref="UserException">There is no such file.</exception>
    public static string Text(string path) =>
        File.Exists(path) ? RegularFile.ReadText(path) : throw new UserException($"There is no file \"{path}\".");

    /// <inheritdoc cref="Read"/>
    /// <param name="text">The options as YAML.</param>
    /// <param name="path">Where they stand, for messages.</param>
    /// <param name="into">What is set.</param>
    public static void Parse(string text, string path, TrainOptions into) => Set(Values(text, path), path, into);

    /// <inheritdoc cref="Read"/>
    /// <param name="values">The options by their keys.</param>
    /// <param name="path">Where they stand, for messages.</param>
    /// <param name="into">What is set.</param>
    internal static void Set(IReadOnlyDictionary<string, object?> values, string path, TrainOptions into)
    {
        foreach (var (key, value) in values)
            if (Former.TryGetValue(key, out var former) && IsOff(value))
                continue;
            else if (Keys.TryGetValue(former ?? key, out var property))
                Set(property, value, into, $"\"{path}\": {key}");
            else if (Others.GetValueOrDefault(key) is TimmFlag.Refused refused && refused.Asks(value))
                throw new UserException($"\"{path}\": {refused.Sentence}");
            else if (!Others.ContainsKey(key) && key is not ("config" or BegunIn))
                throw new UserException($"\"{path}\": there is no option {key}.{Nearest.Hint(key, Keys.Keys)}");
    }

    /// <summary>Keys and values of a file of options.</summary>
    internal static Dictionary<string, object?> Values(string text, string path)
    {
        try
        {
            CheckDepth(text);
            return new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(text) ?? [];
        }
        catch (YamlException e)
        {
            throw new UserException($"\"{path}\" is no YAML file of options: line {e.Start.Line}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Gives lists that were not set (a command line's parser empties them) the content of other options.
    /// </summary>
    public static void FillLists(TrainOptions from, TrainOptions into)
    {
        foreach (var property in Keys.Values.Where(p => p.PropertyType.IsGenericType && p.PropertyType.IsInterface))
            if (property.GetValue(into) is null || !((IEnumerable)property.GetValue(into)!).Cast<object>().Any())
                property.SetValue(into, property.GetValue(from));
    }

    /// <summary>Readers of YAML call themselves for what lies in a list: options lie one or two deep.</summary>
    static void CheckDepth(string text)
    {
        var parser = new YamlDotNet.Core.Parser(new StringReader(text));
        for (var depth = 0; parser.MoveNext();)
            if ((depth += parser.Current!.NestingIncrease) > MaxDepth)
                throw new YamlException(parser.Current.Start, parser.Current.End,
                    $"lists lie more than {MaxDepth} deep in each other.");
    }

    static string KeyOf(string flag) => flag.TrimStart('-').Replace('-', '_');

    static bool IsOff(object? value) => value is null or "" or "null" or "~" or "false";

    static string? NameOf(PropertyInfo property) => property.GetCustomAttribute<OptionAttribute>()?.LongName
        ?? property.GetCustomAttribute<ValueAttribute>()?.MetaName;

    static void Set(PropertyInfo property, object? value, TrainOptions into, string place)
    {
        try
        {
            // A text that is null stays what it is by default.
            if (Parse(property.PropertyType, value) is var parsed
                && (parsed is not null || property.PropertyType != typeof(string)))
                property.SetValue(into, parsed);
            NumberRanges.Check(NameOf(property)!, parsed, place);
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            throw new UserException($"{place} must be {Kind(property.PropertyType)}, not \"{value}\".", e);
        }
    }

    static object? Parse(Type type, object? value)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            return List(type.GetGenericArguments()[0], value);
        if (value is null or "null" or "~")
            return Nullable.GetUnderlyingType(type) is not null || !type.IsValueType ? null
                : throw new FormatException();
        var item = Nullable.GetUnderlyingType(type) ?? type;
        return value is string text && OptionRanges.IsReadable(item, text)
            ? System.Convert.ChangeType(text, item, CultureInfo.InvariantCulture)
            : throw new FormatException();
    }

    static Array List(Type item, object? value)
    {
        // Options of options (opt_kwargs, model_kwargs) are pairs.
        if (value is IDictionary<object, object?> pairs)
            value = pairs.Select(pair => (object)$"{pair.Key}={pair.Value}").ToList();
        var values = value as IList ?? (value is null or "" or "null" ? Array.Empty<object>() : new[] { value });
        var list = Array.CreateInstance(item, values.Count);
        for (var i = 0; i < values.Count; i++)
            list.SetValue(Parse(item, values[i]), i);
        return list;
    }

    static object? Plain(string key, object? value) => value switch
    {
        IEnumerable<string> pairs when key.EndsWith("_kwargs", StringComparison.Ordinal) => KeyValues.Parse(pairs, key),
        double number => double.Parse(PythonText.Repr(number), CultureInfo.InvariantCulture),
        IEnumerable and not string =>
            ((IEnumerable)value).Cast<object>().ToArray() is { Length: > 0 } list ? list : null,
        _ => value,
    };

    static string Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name switch
    {
        nameof(Int32) => "a whole number",
        nameof(Double) => "a number",
        nameof(Boolean) => "true or false",
        nameof(String) => "a text",
        _ => "a list",
    };
}
