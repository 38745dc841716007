using System.Globalization;
using OnnxTimm.Cli.Verbs;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.Results;

/// <summary>The page about a validation.</summary>
static class ValidationReport
{
    /// <summary>Room for what the model says, with names of its classes: its own, or those of the data.</summary>
    /// <param name="data">The images.</param>
    /// <param name="run">The model.</param>
    /// <param name="classes">The output of the model that each label of the data means.</param>
    /// <param name="chosen">The outputs that are chosen from; null for all.</param>
    public static JudgedImages Collect(IDataset data, ImageRun run, int[] classes, int[]? chosen)
    {
        var names = Names(data, run, classes);
        return new(data.Count, [.. chosen is null ? names : chosen.Select(c => names[c])]);
    }

    /// <summary>What the outputs of the model are called.</summary>
    /// <inheritdoc cref="Collect"/>
    public static string[] Names(IDataset data, ImageRun run, int[] classes)
    {
        var (labels, outputs) = (run.Model.Card.Labels, run.Scores.Classes);
        var names = labels.Count == outputs ? [.. labels] : Enumerable.Repeat("", outputs).ToArray();
        if (labels.Count != outputs)
            foreach (var (label, output) in classes.Index())
                names[output] = data.Classes[label];
        return names;
    }

    /// <summary>The page, but for what was said of each image.</summary>
    /// <param name="verb">The flags.</param>
    /// <param name="run">The model.</param>
    /// <param name="fields">What was measured.</param>
    /// <param name="done">What it cost.</param>
    public static Report Of(ValidateVerb verb, ImageRun run, IEnumerable<(string Name, object? Value)> fields,
        RunReport done) => new($"{run.Model.Name}: validation")
        {
            Figures = [.. fields.Where(f => f.Name != "model" && f.Value is not null)
                .Select(f => (f.Name, System.Convert.ToString(f.Value, CultureInfo.InvariantCulture)!))],
            Costs = ReportCosts.OfRun(done.Done, done.Seconds, run.Model.Session.Device),
            Command = ShellText.Command(["validate", .. FlagText.Of(verb, new ValidateVerb())]),
        };
}
