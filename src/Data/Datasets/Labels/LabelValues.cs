using System.Globalization;
using System.Text.Json;

namespace OnnxTimm.Data;

/// <summary>What a field of a data set says of an image's labels: numbers, or names of classes.</summary>
/// <param name="Numbers">Labels, or a value for each class.</param>
/// <param name="Names">Names of classes; null where there are numbers.</param>
public sealed record LabelValues(IReadOnlyList<double> Numbers, IReadOnlyList<string>? Names = null)
{
    const int Deepest = 4;

    /// <summary>Values out of a text: a number, a JSON list, or the name of a class.</summary>
    /// <exception cref="UserException">It begins as a list and is none.</exception>
    public static LabelValues Parse(string text)
    {
        text = text.Trim();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return new([number]);
        if (text is not ['[', ..])
            return new([], [text]);
        try
        {
            using var document = JsonDocument.Parse(text);
            return Of(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new UserException($"\"{text}\" is no list: {e.Message}", e);
        }
    }

    /// <summary>
    /// The values of a field. A name with slashes is a path: it leads into records and, through a list of them, to all
    /// of their values; a field that is literally called so comes first.
    /// </summary>
    /// <param name="root">A record; null for none.</param>
    /// <param name="key">The field.</param>
    /// <returns>Null where there is no such field.</returns>
    public static LabelValues? Of(JsonElement? root, string key) =>
        root is { } element && Walk(element, key, Deepest) is { } found ? Joined([.. found.Select(Of)]) : null;

    /// <summary>The values of several records.</summary>
    public static LabelValues Joined(IReadOnlyList<LabelValues> all) =>
        new([.. all.SelectMany(v => v.Numbers)], all.Any(v => v.Names is not null)
            ? [.. all.SelectMany(v => v.Names ?? [])] : null);

    /// <summary>What a path leads to; null for nowhere, while an empty list has the field, but no value.</summary>
    static JsonElement[]? Walk(JsonElement element, string key, int depth)
    {
        if (element.ValueKind == JsonValueKind.Array && depth > 0)
        {
            JsonElement[]?[] parts = [.. element.EnumerateArray().Select(e => Walk(e, key, depth - 1))];
            return parts.Length > 0 && parts.All(p => p is null) ? null : [.. parts.SelectMany(p => p ?? [])];
        }
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        if (element.TryGetProperty(key, out var value))
            return [value];
        var slash = key.IndexOf('/');
        return slash > 0 && element.TryGetProperty(key[..slash], out var inner)
            ? Walk(inner, key[(slash + 1)..], depth) : null;
    }

    static LabelValues Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => new([element.GetDouble()]),
        JsonValueKind.True => new([1]),
        JsonValueKind.False => new([0]),
        JsonValueKind.Null => new([]),
        JsonValueKind.String => new([], [element.GetString()!]),
        JsonValueKind.Array => Joined([.. element.EnumerateArray().Select(Of)]),
        _ => throw new UserException("a record stands where a label belongs."),
    };
}
