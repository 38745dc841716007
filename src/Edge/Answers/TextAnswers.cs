using System.Buffers;

namespace OnnxTimm.Edge;

/// <summary>A line a class: the image, the probability, the class; or a line of features.</summary>
/// <param name="labels">Names of the classes.</param>
sealed class TextAnswers(IReadOnlyList<string> labels) : IAnswerWriter
{
    readonly byte[][] labels = Utf8.Each(labels, PlainWriter.Plain);

    public void Head(ArrayBufferWriter<byte> to, Answer first, bool isFrames)
    {
    }

    public void Write(ArrayBufferWriter<byte> to, Answer answer)
    {
        for (var i = 0; i < answer.Count; i++)
        {
            Image(to, answer);
            to.Number(100.0 * answer.Prob[i], "F1");
            to.Write("%\t"u8);
            to.Write(labels[answer.Index[i]]);
            to.Write("\n"u8);
        }
        if (answer.Features.Length == 0)
            return;
        Image(to, answer);
        for (var i = 0; i < answer.Features.Length; i++)
        {
            to.Write(i == 0 ? default : " "u8);
            Csv.Number(to, answer.Features[i]);
        }
        to.Write("\n"u8);
    }

    static void Image(ArrayBufferWriter<byte> to, Answer answer)
    {
        if (answer.Name is { } name)
            to.Text(PlainWriter.Plain(name));
        else
            to.Number(answer.Frame);
        to.Write("\t"u8);
    }
}
