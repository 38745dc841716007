using System.Reflection;
using CommandLine;

namespace OnnxTimm.Train;

/// <summary>The options of a run that is to go on, as it left them.</summary>
public static class RunOptions
{
    /// <summary>Options that name files or folders which are read.</summary>
    static readonly PropertyInfo[] Files = [.. typeof(TrainOptions).GetProperties().Where(IsFile)];

    /// <summary>
    /// The options of a run, and where they stand: args.yaml, or a checkpoint where that is lost; null for none.
    /// </summary>
    /// <param name="resume">A checkpoint, or the folder of a run.</param>
    /// <exception cref="UserException">There is no such thing.</exception>
    public static (string Text, string Place)? Of(string resume)
    {
        var args = Path.Combine(CheckpointFolder.Of(resume), RunFiles.Args);
        if (File.Exists(args) && RegularFile.ReadText(args) is var text && text.AsSpan().Trim(" \t\r\n\0").Length > 0)
            return (text, args);
        using var stored = CheckpointFolder.Open(resume, _ => { });
        return stored?.File.Metadata.GetValueOrDefault(TrainCheckpoint.ArgsKey) is { } own
            ? (own, stored.File.Source) : null;
    }

    /// <summary>
    /// Sets the options of a run. What they name with a relative path is looked for here first, then from the folder
    /// that the run was begun in.
    /// </summary>
    /// <param name="text">The options as YAML.</param>
    /// <param name="place">Where they stand, for messages.</param>
    /// <param name="into">What is set.</param>
    /// <exception cref="UserException">They are damaged.</exception>
    public static void Parse(string text, string place, TrainOptions into)
    {
        var values = OptionFiles.Values(text, place);
        OptionFiles.Set(values, place, into);
        if (values.GetValueOrDefault(OptionFiles.BegunIn) is not string begun
            || !Path.IsPathFullyQualified(begun))
            return;
        foreach (var file in Files)
            if (file.GetValue(into) is string { Length: > 0 } path && !Path.Exists(path)
                && Path.GetFullPath(path, begun) is var there && Path.Exists(there))
                file.SetValue(into, there);
    }

    static bool IsFile(PropertyInfo property) => property.PropertyType == typeof(string)
        && (property.GetCustomAttribute<ValueAttribute>() is not null
            || property.GetCustomAttribute<OptionAttribute>() is { MetaValue: var value, LongName: not "output" }
                && (value.Contains("FILE") || value.Contains("DIR")));
}
