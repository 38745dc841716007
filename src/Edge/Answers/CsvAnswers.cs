using System.Buffers;

namespace OnnxTimm.Edge;

/// <summary>
/// The columns of <c>infer</c>'s CSV, or <c>embed</c>'s; where a class is left out its cells are empty.
/// </summary>
/// <param name="labels">Names of the classes.</param>
sealed class CsvAnswers(IReadOnlyList<string> labels) : IAnswerWriter
{
    static readonly string[] Columns = ["index", "label", "prob", "logit"];

    readonly byte[][] labels = Utf8.Each(labels, Csv.Quoted);

    public void Head(ArrayBufferWriter<byte> to, Answer first, bool isFrames)
    {
        to.Text(isFrames ? "frame" : "filename");
        var count = first.Index.Length;
        foreach (var column in first.Features.Length > 0 ? [] : Columns)
            for (var i = 0; i < count; i++)
                to.Text(count == 1 ? $",{column}" : $",{column}_{i}");
        for (var i = 0; i < first.Features.Length; i++)
            to.Text($",feature_{i}");
        to.Write("\n"u8);
    }

    public void Write(ArrayBufferWriter<byte> to, Answer answer)
    {
        if (answer.Name is { } name)
            to.Text(Csv.Quoted(name));
        else
            to.Number(answer.Frame);
        for (var column = 0; column < Columns.Length; column++)
            for (var i = 0; i < answer.Index.Length; i++)
            {
                to.Write(","u8);
                if (i < answer.Count)
                    Cell(to, answer, column, i);
            }
        foreach (var value in answer.Features)
        {
            to.Write(","u8);
            Csv.Number(to, value);
        }
        to.Write("\n"u8);
    }

    void Cell(ArrayBufferWriter<byte> to, Answer answer, int column, int i)
    {
        switch (column)
        {
            case 0: to.Number(answer.Index[i]); break;
            case 1: to.Write(labels[answer.Index[i]]); break;
            case 2: Csv.Number(to, answer.Prob[i]); break;
            default: Csv.Number(to, answer.Logit[i]); break;
        }
    }
}
