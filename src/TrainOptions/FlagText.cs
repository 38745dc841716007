using System.Collections;
using System.Globalization;
using System.Reflection;
using CommandLine;

namespace OnnxTimm.Train;

/// <summary>The flags of a command as words.</summary>
public static class FlagText
{
    /// <summary>What has no flag first, then the flags that differ from the defaults.</summary>
    /// <param name="options">An object whose properties are flags.</param>
    /// <param name="defaults">The same without any flag.</param>
    /// <param name="without">Flags that are left out.</param>
    public static IEnumerable<string> Of(object options, object defaults, params IEnumerable<string> without)
    {
        var properties = options.GetType().GetProperties();
        var places = properties.Where(p => p.GetCustomAttribute<ValueAttribute>() is not null)
            .SelectMany(p => Words(p.GetValue(options)));
        var flags = properties.Select(p => (Property: p, Flag: p.GetCustomAttribute<OptionAttribute>()?.LongName))
            .Where(p => p.Flag is not null && !without.Contains(p.Flag))
            .Select(p => (p.Flag, Given: p.Property.GetValue(options), Default: p.Property.GetValue(defaults)))
            .Where(p => !Words(p.Given).SequenceEqual(Words(p.Default)))
            .SelectMany(p => (string[])[$"--{p.Flag}", .. p.Given is bool ? [] : Words(p.Given)]);
        return [.. places, .. flags];
    }

    static IEnumerable<string> Words(object? value) => value switch
    {
        null => [],
        string text => [text],
        IEnumerable list => list.Cast<object>().SelectMany(Words),
        IFormattable number => [number.ToString(null, CultureInfo.InvariantCulture)],
        _ => [$"{value}"],
    };
}
