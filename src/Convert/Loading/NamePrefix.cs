namespace OnnxTimm.Conversion;

/// <summary>
/// A word that a file puts before the names of the model, such as <c>model.</c> (Lightning) or <c>backbone.</c>: found
/// by the names that the model has.
/// </summary>
/// <param name="Text">The word with its dot.</param>
/// <param name="Names">How many of the model's names stand behind it.</param>
readonly record struct NamePrefix(string Text, int Names)
{
    /// <summary>All words behind which names of the model stand, the ones with the most names first.</summary>
    public static NamePrefix[] In(IEnumerable<string> file, IReadOnlySet<string> model)
    {
        var counts = new Dictionary<string, int>();
        foreach (var name in file)
            for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
                if (model.Contains(name[(dot + 1)..]))
                    counts[name[..(dot + 1)]] = counts.GetValueOrDefault(name[..(dot + 1)]) + 1;
        return [.. counts.Select(count => new NamePrefix(count.Key, count.Value)).OrderByDescending(p => p.Names)
            .ThenBy(p => p.Text, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The file without the one word behind which all of the model's names stand; the file itself where it has names
    /// of the model already, or no word helps.
    /// </summary>
    /// <exception cref="UserException">Several words do.</exception>
    public static StateDict TakeOff(StateDict file, IReadOnlySet<string> model)
    {
        if (model.Count == 0 || file.Keys.Any(model.Contains))
            return file;
        var whole = In(file.Keys, model).Where(prefix => prefix.Names == model.Count).ToArray();
        return whole.Length switch
        {
            0 => file,
            1 => Without(file, whole[0].Text),
            _ => throw new UserException($"\"{file.Source}\" has the model's weights {whole.Length} times: below "
                + $"{string.Join(", ", whole.Select(prefix => $"\"{prefix.Text}\""))}. Save the one that is meant "
                + "alone."),
        };
    }

    /// <summary>A sentence that says which word would help; empty where none does.</summary>
    public static string Hint(IEnumerable<string> file, IReadOnlySet<string> model)
    {
        string[] names = [.. file];
        return In(names, model) is [var best, ..] && best.Names > names.Count(model.Contains)
            ? $" Names of the model begin with \"{best.Text}\" there: without it, {best.Names} of {model.Count} fit."
            : "";
    }

    static StateDict Without(StateDict file, string prefix)
    {
        var result = new StateDict(file.Source) { Format = file.Format };
        foreach (var (name, tensor) in file)
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || !result.TryAdd(name[prefix.Length..], tensor))
                result[name] = tensor;
        foreach (var (key, value) in file.Metadata)
            result.Metadata[key] = value;
        return result;
    }
}
