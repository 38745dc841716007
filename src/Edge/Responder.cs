using System.Buffers;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Edge;

/// <summary>From an image to the line that is its answer.</summary>
sealed class Responder : IDisposable
{
    readonly Settings settings;
    readonly Stream output;
    readonly TextWriter messages;
    readonly Stages stages;
    readonly Network network;
    readonly Answer answer;
    readonly IAnswerWriter writer;
    readonly ArrayBufferWriter<byte> line = new();

    /// <param name="settings">What is asked for.</param>
    /// <param name="output">Takes the answers.</param>
    /// <param name="messages">Takes what is wrong with an image.</param>
    /// <param name="stages">Takes the time.</param>
    /// <inheritdoc cref="Network.Open"/>
    public Responder(Settings settings, Stream output, TextWriter messages, Stages stages)
    {
        (this.settings, this.output, this.messages, this.stages) = (settings, output, messages, stages);
        network = Network.Open(settings, text => messages.WriteLine($"onnxtimm-run: {text}"));
        (answer, writer) = (new(network, settings.TopK), AnswerFormat.Of(settings.Format).Open(network.Labels));
        writer.Head(line, answer, settings.Raw is not null);
        Write();
        stages.Once("session");
    }

    /// <summary>Images that could not be used.</summary>
    public int Faults { get; private set; }

    /// <summary>Answers an image file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What the answer calls it.</param>
    public void Answer(ReadOnlySpan<byte> bytes, string name)
    {
        answer.Name = name;
        for (var i = 0; i < settings.Repeat; i++)
        {
            stages.Mark();
            try
            {
                network.Take(bytes, name);
                Compute();
            }
            catch (Exception e)
            {
                Fault(name, e);
                return;
            }
            Tell(isLast: i == settings.Repeat - 1);
        }
    }

    /// <summary>Answers a frame.</summary>
    /// <param name="frame">Its pixels.</param>
    /// <param name="number">Its number, from 0.</param>
    /// <exception cref="UserException">The crop is not inside.</exception>
    public void Answer(Frame frame, long number)
    {
        answer.Frame = number;
        for (var i = 0; i < settings.Repeat; i++)
        {
            stages.Mark();
            network.Take(frame);
            Compute();
            Tell(isLast: i == settings.Repeat - 1);
        }
    }

    void Compute()
    {
        stages.Did(0);
        network.Run();
        stages.Did(1);
    }

    /// <summary>Answers that cannot be written are no fault of an image: they end the program.</summary>
    void Tell(bool isLast)
    {
        if (isLast)
        {
            Fill();
            writer.Write(line, answer);
            Write();
        }
        stages.Did(2);
        stages.Next();
    }

    void Fill()
    {
        var result = network.Result();
        result[..answer.Features.Length].CopyTo(answer.Features);
        if (answer.Index.Length == 0)
            return;
        Logits.Top(result, answer.Index, answer.Prob, network.IsMultiLabel);
        answer.Count = 0;
        foreach (var index in answer.Index)
        {
            // What is no number is told, whatever the threshold.
            if (answer.Prob[answer.Count] < settings.Threshold)
                break;
            answer.Logit[answer.Count++] = result[index];
        }
    }

    void Write()
    {
        if (line.WrittenCount == 0)
            return;
        output.Write(line.WrittenSpan);
        output.Flush();
        line.ResetWrittenCount();
    }

    /// <summary>An image cannot be used, for a reason.</summary>
    public void Fault(string name, Exception e)
    {
        Faults++;
        messages.WriteLine($"onnxtimm-run: {(e is OutOfMemoryException
            ? $"{name} needs more memory than there is." : ImageDecoder.Fault(name, e).Message)}");
    }

    public void Dispose()
    {
        writer.Dispose();
        network.Dispose();
    }
}
