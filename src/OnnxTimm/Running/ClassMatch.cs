using System.Globalization;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>Which output of a model each class of a data set means, told by the names of its folders.</summary>
static class ClassMatch
{
    const int MostNamed = 3;

    /// <summary>A way to read a folder's name: the output that it means, null for none.</summary>
    /// <param name="What">What the name is then.</param>
    /// <param name="Find">The output.</param>
    sealed record Rule(string What, Func<string, int?> Find);

    /// <summary>The output of each class; the first rule that fits all of them holds.</summary>
    /// <param name="folders">Names of the classes, in the data's order.</param>
    /// <param name="labels">What the model calls its classes; none where it does not say.</param>
    /// <param name="outputs">How many classes it has.</param>
    /// <param name="model">What messages call it.</param>
    /// <param name="note">Takes a remark for the user.</param>
    /// <exception cref="UserException">They do not fit the model's classes.</exception>
    public static int[] Of(IReadOnlyList<string> folders, IReadOnlyList<string> labels, long outputs, string model,
        Action<string> note)
    {
        var rules = Rules(labels, outputs);
        foreach (var rule in rules)
            if (folders.Select(rule.Find).ToArray() is var found && found.All(f => f < outputs))
            {
                if (folders.Count < outputs || rule != rules[0])
                    note($"the data have {folders.Count} of the model's {outputs} classes, by {rule.What}.");
                return [.. found.Select(f => f!.Value)];
            }
        return labels.Count == 0 && folders.Count == outputs
            ? [.. Enumerable.Range(0, folders.Count)]
            : throw Misfit(folders, labels,
                $"The data have {Amount.Of(folders.Count, "class")}, \"{model}\" has {outputs}.",
                rules);
    }

    static List<Rule> Rules(IReadOnlyList<string> labels, long outputs)
    {
        var rules = new List<Rule>();
        if (labels.Count > 0)
        {
            rules.Add(new("label", Lookup(labels.Index().Select(l => (l.Item, l.Index)))));
            var whole = Lookup(labels.Index().Select(l => (Plain(l.Item), l.Index)));
            var parts = Lookup(labels.Index().SelectMany(l => l.Item.Split(',').Select(p => (Plain(p), l.Index))));
            rules.Add(new("name in a label", folder => whole(Plain(folder)) ?? parts(Plain(folder))));
        }
        if ((labels.Count == 0 || labels.SequenceEqual(Pretrained.ImageNetNames)) && Synsets.Of(outputs) is [_, ..] ids)
            rules.Add(new("WordNet id", Lookup(ids.Index().Select(l => (l.Item, l.Index)))));
        // Labels that are numbers are no indices.
        if (labels.Count == 0 || !labels.All(l => Number(l) is not null))
            rules.Add(new("index", folder => Number(folder) is { } index && index < outputs ? index : null));
        return rules;
    }

    /// <summary>The index of a name; a name of two labels cannot be told.</summary>
    static Func<string, int?> Lookup(IEnumerable<(string Name, int Index)> names)
    {
        var all = names.Distinct().ToLookup(n => n.Name, n => n.Index);
        return folder => all[folder].ToArray() switch
        {
            [] => null,
            [var one] => one,
            [var one, var other, ..] => throw new UserException($"Folder \"{folder}\" may mean class {one} or class "
                + $"{other} of the model: --class-map says which."),
        };
    }

    /// <summary>A name as people vary it in a folder's.</summary>
    static string Plain(string name) => name.Replace('_', ' ').Replace('-', ' ').Trim().ToLowerInvariant();

    static int? Number(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static UserException Misfit(
        IReadOnlyList<string> folders, IReadOnlyList<string> labels, string counts, List<Rule> rules)
    {
        var best = rules.MaxBy(rule => folders.Count(f => rule.Find(f) is not null))!;
        var stranger = folders.First(f => best.Find(f) is null);
        var known = labels.Count == 0 ? "It has no labels, and folder" : $"Its labels are "
            + $"{string.Join("; ", labels.Take(MostNamed))}{(labels.Count > MostNamed ? "; ..." : "")}, and folder";
        return new($"{counts} {known} \"{stranger}\" is no {string.Join(", no ", rules.Select(r => r.What))}: "
            + $"--class-map FILE says which classes they are.{Nearest.Hint(stranger, labels)}");
    }
}
