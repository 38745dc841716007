using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxTimm;

/// <summary>JSON for people and scripts: indented as timm writes it, non-ASCII letters as they are.</summary>
public static class Json
{
    /// <summary>The text that a function writes.</summary>
    public static string Text(Action<Utf8JsonWriter> write, bool indented = true)
    {
        var options = new JsonWriterOptions
        {
            Indented = indented,
            IndentSize = 4,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, options))
            write(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>An object of named values: text, number, truth, a list of them, or named ones.</summary>
    public static string Object(IEnumerable<(string Key, object? Value)> fields) => Text(w =>
    {
        w.WriteStartObject();
        foreach (var (key, value) in fields)
        {
            w.WritePropertyName(key);
            Value(w, value);
        }
        w.WriteEndObject();
    });

    /// <summary>A value of the kinds that <see cref="Object"/> takes.</summary>
    public static void Value(Utf8JsonWriter w, object? value)
    {
        switch (value)
        {
            case null: w.WriteNullValue(); break;
            // JSON has no such numbers.
            case float.NaN or float.PositiveInfinity or float.NegativeInfinity: w.WriteNullValue(); break;
            case double.NaN or double.PositiveInfinity or double.NegativeInfinity: w.WriteNullValue(); break;
            case string text: w.WriteStringValue(text); break;
            case bool truth: w.WriteBooleanValue(truth); break;
            case int or long: w.WriteNumberValue(Convert.ToInt64(value)); break;
            case float number: w.WriteNumberValue(number); break;
            case double number: w.WriteNumberValue(number); break;
            case IEnumerable<KeyValuePair<string, string>> texts:
                w.WriteStartObject();
                foreach (var (key, text) in texts)
                    w.WriteString(key, text);
                w.WriteEndObject();
                break;
            case IEnumerable<KeyValuePair<string, object?>> fields:
                w.WriteStartObject();
                foreach (var (key, field) in fields)
                {
                    w.WritePropertyName(key);
                    Value(w, field);
                }
                w.WriteEndObject();
                break;
            case System.Collections.IEnumerable list:
                w.WriteStartArray();
                foreach (var item in list)
                    Value(w, item);
                w.WriteEndArray();
                break;
            default: throw new ArgumentException($"{value.GetType()} is no JSON value.");
        }
    }
}
