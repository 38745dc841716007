using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnnxTimm.Edge;

/// <summary>An object a line, with the columns of <c>infer</c> as lists.</summary>
/// <param name="labels">Names of the classes.</param>
sealed class JsonAnswers(IReadOnlyList<string> labels) : IAnswerWriter
{
    static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    readonly JsonEncodedText[] labels = [.. labels.Select(label => JsonEncodedText.Encode(label, Encoder))];
    readonly Utf8JsonWriter json = new(Stream.Null, new JsonWriterOptions { Encoder = Encoder });

    public void Head(ArrayBufferWriter<byte> to, Answer first, bool isFrames)
    {
    }

    public void Write(ArrayBufferWriter<byte> to, Answer answer)
    {
        json.Reset(to);
        json.WriteStartObject();
        if (answer.Name is { } name)
            json.WriteString("filename"u8, name);
        else
            json.WriteNumber("frame"u8, answer.Frame);
        if (answer.Features.Length > 0)
            Numbers("features"u8, answer.Features);
        else
            Classes(answer);
        json.WriteEndObject();
        json.Flush();
        to.Write("\n"u8);
    }

    public void Dispose() => json.Dispose();

    void Classes(Answer answer)
    {
        json.WriteStartArray("index"u8);
        for (var i = 0; i < answer.Count; i++)
            json.WriteNumberValue(answer.Index[i]);
        json.WriteEndArray();
        json.WriteStartArray("label"u8);
        for (var i = 0; i < answer.Count; i++)
            json.WriteStringValue(labels[answer.Index[i]]);
        json.WriteEndArray();
        Numbers("prob"u8, answer.Prob.AsSpan(0, answer.Count));
        Numbers("logit"u8, answer.Logit.AsSpan(0, answer.Count));
    }

    void Numbers(ReadOnlySpan<byte> name, ReadOnlySpan<float> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            // JSON has no other numbers.
            if (float.IsFinite(value))
                json.WriteNumberValue(value);
            else
                json.WriteNullValue();
        json.WriteEndArray();
    }
}
