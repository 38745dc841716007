using System.Globalization;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.Results;

/// <summary>The plan of a training, for people.</summary>
static class PlanText
{
    const int MostNamed = 5, MostGroups = 8;

    /// <summary>A line each.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="parts">The training.</param>
    /// <param name="schedule">What the schedule is called.</param>
    public static IEnumerable<string> Lines(TrainPlan plan, TrainParts parts, string schedule) =>
    [
        .. Data("Training on:  ", plan.Train), .. plan.Validation is { } v ? Data("Validation:   ", v)
            : ["Validation:   none; the training loss says what is best"],
        .. Network(parts),
        $"Learning rate: {schedule}, {Rates(plan.Rates)}",
        $"Epochs:       {plan.Epochs.All}{(plan.Epochs.First > 0 ? $", of which {plan.Epochs.First} are done" : "")}, "
            + $"each of {Amount.Of(parts.Batches.BatchCount, "batch")}"
            + (parts.Batches.Sizes.Count > 1 ? "" : $" of {Amount.Of(parts.Batches.Shape.Count, "image")}")
            + (parts.Policy.BatchesPerUpdate > 1 ? $", {parts.Policy.BatchesPerUpdate} to an update" : ""),
        .. Batches(parts.Batches), Cost(plan.Step, parts),
        $"All of it:    about {Time(plan.Time(parts))}"
            + (parts.Policy.EarlyStop is { } n ? $", or until {Amount.Of(n, "epoch")} brought nothing better" : ""),
        "It would start.",
    ];

    static IEnumerable<string> Data(string head, DataFacts data)
    {
        var named = data.Classes.Where(c => c.Images > 0).ToArray();
        yield return $"{head}{Amount.Of(data.Images, "image")} of {Amount.Of(named.Length, "class")}"
            + (named.Length < 2 ? "" : named[0].Images == named[^1].Images ? $", {named[0].Images} of each"
            : $", from {named[0].Images} ({named[0].Name}) to {named[^1].Images} ({named[^1].Name}), "
                + Text($"1 : {(double)named[^1].Images / named[0].Images:0.#}"));
        if (named is [var only])
            yield return $"  All are of one class, \"{only.Name}\": there is nothing to tell apart. Each class needs a "
                + "folder of its own with its images, and there must be at least two.";
        if (data.Classes.Where(c => c.Images == 0).Select(c => c.Name).ToArray() is { Length: > 0 } none)
            yield return $"  Without images: {List(none)}.";
        yield return $"  {data.Sampled - data.Damaged.Count} of {data.Sampled} that were tried can be read."
            + (data.Damaged.Count == 0 ? "" : " Others take the place of those that cannot; mend or remove them:");
        foreach (var fault in data.Damaged.Take(MostNamed))
            yield return $"    {fault}";
    }

    static IEnumerable<string> Network(TrainParts parts)
    {
        var net = parts.Trainee;
        var sizes = net.Graph.Weights.ToDictionary(w => w.Name, w => w.Shape.Sizes.Aggregate(1.0, (a, b) => a * b));
        yield return $"Network:      {net.Architecture}, {Millions(net.Params)} parameters, "
            + $"{Millions(parts.Groups.SelectMany(g => g.Names))} of them trained, images of "
            + $"{Each(parts, s => s.Image)}, {parts.Precision}";
        yield return $"Optimizer:    {parts.Optimizer.Name}, groups of parameters:";
        foreach (var g in parts.Groups.Take(MostGroups))
            yield return Text($"  {Amount.Of(g.Names.Length, "tensor")} of {Millions(g.Names)}, learning rate ")
                + Text($"{g.LrScale * parts.Lr:0.###e-00}, weight decay {g.WeightDecay:0.######}");
        if (parts.Groups.Count > MostGroups)
            yield return $"  and {parts.Groups.Count - MostGroups} more";

        string Millions(IEnumerable<string> names) => Text($"{names.Sum(n => sizes[n]) / 1e6:0.####} M");
    }

    /// <summary>Batches of the first epoch, where they differ.</summary>
    static IEnumerable<string> Batches(Loader loader) => loader.Sizes.Count == 1 ? []
        : from batch in loader.Sampler.Epoch(0)
          group batch by batch.Span[0].Size into same
          orderby same.Key
          let shape = loader.Sizes[same.Key].Shape
          select $"  {Amount.Of(same.Count(), "batch")} of {Amount.Of(shape.Count, "image")} of {shape.Image}";

    /// <summary>What batches of each size have.</summary>
    static string Each(TrainParts parts, Func<BatchShape, string> of) =>
        string.Join(" or ", parts.Batches.Sizes.Select(size => of(size.Shape)).Distinct());

    static string Rates(IReadOnlyList<double> rates)
    {
        var peak = rates.Index().MaxBy(r => r.Item).Index;
        var places = ((int[])[0, peak, rates.Count - 1]).Distinct();
        return string.Join(", ", places.Select(i => Text($"{rates[i]:0.###e-00} in epoch {i}")));
    }

    static string Cost(StepCost cost, TrainParts parts) =>
        Text($"A batch:      {cost.Step.TotalSeconds:0.###} s to learn from, {cost.Data.TotalSeconds:0.###} s to ")
        + Text($"read, {cost.Memory / 1e6:0} MB of memory")
        + (cost.Images == BatchMixing.Kept(parts) ? "" : $" or more (measured on {Amount.Of(cost.Images, "image")})");

    static string Time(TimeSpan time) => time.TotalHours >= 48 ? Text($"{time.TotalDays:0.#} days")
        : time.TotalHours >= 1 ? Text($"{time.TotalHours:0.#} hours")
        : time.TotalMinutes >= 1 ? Text($"{time.TotalMinutes:0.#} minutes")
        : Text($"{time.TotalSeconds:0.#} seconds");

    static string List(string[] names) => string.Join(", ", names.Take(MostNamed))
        + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : "");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
