using System.Reflection;
using CommandLine;

namespace OnnxTimm.Train;

/// <summary>Checks the flags of a command.</summary>
public static class OptionRanges
{
    /// <summary>Checks every number of a command's flags.</summary>
    /// <param name="options">An object whose properties are flags.</param>
    /// <exception cref="UserException">One is out of its range.</exception>
    public static void Check(object options)
    {
        foreach (var property in options.GetType().GetProperties())
            if (property.GetCustomAttribute<OptionAttribute>()?.LongName is { } flag)
                NumberRanges.Check(flag, property.GetValue(options), $"--{flag}");
    }

    /// <summary>False for a text that .NET would read as another number than is meant: "0,001" as 1.</summary>
    /// <param name="type">What it becomes.</param>
    /// <param name="text">A word of a command line or of a file.</param>
    public static bool IsReadable(Type type, string text) =>
        (Nullable.GetUnderlyingType(type) ?? type) != typeof(double) || !text.Contains(',');
}
