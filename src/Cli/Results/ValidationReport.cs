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
        var (labels, outputs) = (run.Model.Card.Labels, run.Scores.Classes);
        var names = labels.Count == outputs ? [.. labels] : Enumerable.Repeat("", outputs).ToArray();
        if (labels.Count != outputs)
            foreach (var (label, output) in classes.Index())
                names[output] = data.Classes[label];
        return new(data.Count, [.. chosen is null ? names : chosen.Select(c => names[c])]);
    }

    /// <summary>Writes it; what was measured is told before.</summary>
    /// <exception cref="UserException">The file cannot be written.</exception>
    public static void Write(ValidateVerb verb, JudgedImages judged, ImageRun run, IDataset data,
        IEnumerable<(string Name, object? Value)> fields, double seconds) => new Report($"{run.Model.Name}: validation")
        {
            Figures = [.. fields.Where(f => f.Name != "model" && f.Value is not null)
                .Select(f => (f.Name, System.Convert.ToString(f.Value, CultureInfo.InvariantCulture)!))],
            Judged = judged,
            Data = data,
            Costs = ReportCosts.OfRun(judged.Count, seconds, run.Model.Session.Device),
            Command = ShellText.Command(["validate", .. FlagText.Of(verb, new ValidateVerb())]),
        }.Write(WriteBeside.Target(verb.ReportFile!));
}
