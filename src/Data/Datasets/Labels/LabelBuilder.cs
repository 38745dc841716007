using System.Globalization;

namespace OnnxTimm.Data;

/// <summary>
/// Makes labels of what a data set says of its images, by timm's rules. One field: a label or, where there may be
/// several, a list of them, or a value for each class. Several fields: each is a class, on where it is above 0.
/// </summary>
public sealed class LabelBuilder
{
    const int MostClasses = 10_000_000;

    readonly DatasetRequest request;
    readonly string source;
    readonly List<ClassShare[]> numbered = [];
    readonly List<string[]> named = [];

    /// <summary>Values of a dense target; all have as many.</summary>
    int width;

    /// <summary>Labels of the image that has most.</summary>
    int most;

    /// <param name="request">Which fields, and whether there may be several labels.</param>
    /// <param name="usualKey">The field where the request names none.</param>
    /// <param name="source">What messages call the data set.</param>
    /// <exception cref="UserException">Fields that cannot be.</exception>
    public LabelBuilder(DatasetRequest request, string usualKey, string source)
    {
        (this.request, this.source) = (request, source);
        Keys = [.. (string.IsNullOrEmpty(request.TargetKey) ? usualKey : request.TargetKey)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        if (Keys.Count == 0 || (Keys.Count > 1 && !request.IsMultiLabel))
            throw new UserException($"The target key \"{request.TargetKey}\" names {Keys.Count} fields: "
                + (Keys.Count == 0 ? "at least one is needed." : "several are labels of their own, with multi-label."));
        if (request.IsMultihot && !request.IsMultiLabel)
            throw new UserException("Targets as multihot are several labels an image: they need multi-label.");
    }

    /// <summary>The fields that are asked for.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Takes what the fields say of the next image.</summary>
    /// <param name="fields">The values of each field.</param>
    /// <exception cref="UserException">They are no labels; the image is not taken.</exception>
    public void Add(IReadOnlyList<LabelValues> fields)
    {
        if (fields.Count == 1 && fields[0].Names is { } names)
            named.Add(One([.. names], fields[0].Numbers.Count == 0));
        else if (fields.FirstOrDefault(f => f.Names is not null) is { } text)
            throw new UserException($"\"{text.Names![0]}\" is no number.");
        else if (fields.Count > 1)
            numbered.Add([.. fields.Index().Where(f => f.Item.Numbers.Any(x => x > 0))
                .Select(f => new ClassShare(f.Index, 1))]);
        else
            numbered.Add(request.IsMultihot ? Dense(fields[0].Numbers)
                : One([.. fields[0].Numbers.Select(Label).Distinct().Select(c => new ClassShare(c, 1))], true));
    }

    /// <summary>Takes the labels of the next image by name.</summary>
    /// <exception cref="UserException">There is none, or more than one where one is expected.</exception>
    public void Add(string[] names) => named.Add(One([.. names.Distinct()], true));

    /// <summary>The labels of the first images.</summary>
    /// <param name="classes">The data set's own names of its classes; null where labels are all there is.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="UserException">A label is no class.</exception>
    public ImageLabels Build(IReadOnlyList<string>? classes, int count)
    {
        if (numbered.Count > 0 && named.Count > 0)
            throw new UserException($"Some labels of {source} are numbers, others names: \"{named[0][0]}\".");
        if (most > 1)
            throw new UserException(
                $"An image of {source} has {most} labels: several are read with multi-label only.");
        var map = request.Map(Directory.Exists(request.Root) ? request.Root : ".");
        return new(named.Count > 0 ? Names(map, count, out var images)
            : Numbers(map?.Names ?? classes, count, out images), images, request.IsMultiLabel);
    }

    IReadOnlyList<string> Names(ClassMap? map, int count, out ClassShare[][] images)
    {
        string[] own = [.. named.Take(count).SelectMany(n => n).Distinct().Order(NaturalOrder.Instance)];
        var labels = own.Index().ToDictionary(c => c.Item,
            c => map is null ? c.Index : map.Find(c.Item) ?? throw map.Missing(c.Item));
        images = [.. named.Take(count).Select(names => names.Select(n => new ClassShare(labels[n], 1)).ToArray())];
        return map?.Names ?? own;
    }

    IReadOnlyList<string> Numbers(IReadOnlyList<string>? names, int count, out ClassShare[][] images)
    {
        images = [.. numbered.Take(count)];
        var last = images.SelectMany(i => i).Select(c => c.Class).DefaultIfEmpty(-1).Max();
        var classes = Keys.Count > 1 ? Keys : names ?? Enumerable.Range(0, Math.Max(last + 1, width))
            .Select(c => c.ToString(CultureInfo.InvariantCulture)).ToArray();
        return last < classes.Count && width <= classes.Count ? classes : throw new UserException(
            $"{source} has labels up to {Math.Max(last, width - 1)}, there are {classes.Count} classes.");
    }

    ClassShare[] Dense(IReadOnlyList<double> values)
    {
        if (width != 0 && values.Count != width)
            throw new UserException($"it has {values.Count} values, others {width}.");
        if (values.FirstOrDefault(x => !(x >= 0 && x <= 1), 0) is not 0 and var wrong)
            throw new UserException($"a value of a class is from 0 to 1, not {wrong}.");
        width = values.Count;
        return [.. values.Index().Where(v => v.Item > 0).Select(v => new ClassShare(v.Index, (float)v.Item))];
    }

    T[] One<T>(T[] labels, bool isPlain)
    {
        if (!isPlain)
            throw new UserException("numbers and names are mixed.");
        if (request.IsMultiLabel || labels.Length == 1)
            return labels;
        // One image without a label may be left out; one with several says that all are read in a wrong way.
        most = Math.Max(most, labels.Length);
        throw new UserException(labels.Length == 0 ? "it has no label." : $"it has {labels.Length} labels.");
    }

    static int Label(double number) => number >= 0 && number < MostClasses && number == Math.Floor(number)
        ? (int)number : throw new UserException($"{number} is no label.");
}
