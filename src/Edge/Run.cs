using OnnxTimm.Data;

namespace OnnxTimm.Edge;

/// <summary>Answers one image after the other, from where the settings say.</summary>
/// <param name="settings">What is asked for.</param>
/// <param name="output">Takes the answers.</param>
/// <param name="messages">Takes what is wrong with an image.</param>
/// <param name="stages">Takes the time.</param>
sealed class Run(Settings settings, Stream output, TextWriter messages, Stages stages) : IDisposable
{
    readonly Responder responder = new(settings, output, messages, stages);
    readonly FileBuffer file = new();
    int waiting;

    /// <summary>Whether it waits for a frame, with all answers written: it may be ended at once.</summary>
    public bool IsWaiting => Volatile.Read(ref waiting) == 1;

    /// <summary>Answers all there is.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="stop">Ends it after the image that is in work.</param>
    /// <returns>How many images could not be used.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public int All(Stream input, CancellationToken stop)
    {
        if (settings.Watch is { } folder)
            Watch(folder, stop);
        else if (settings.Raw is not null)
            Frames(input, stop);
        else
            Files(input, stop);
        return responder.Faults;
    }

    public void Dispose() => responder.Dispose();

    void Files(Stream input, CancellationToken stop)
    {
        foreach (var _ in settings.Inputs.Where(path => path == "-"))
            responder.Answer(Whole(input), "-");
        string[] paths = [.. settings.Inputs.Where(path => path != "-")];
        if (paths.Length == 0)
            return;
        using var data = JoinedDataset.Open(paths, path => Dataset.Open(path), responder.Fault);
        foreach (var remark in data.Remarks)
            messages.WriteLine($"onnxtimm-run: {remark}");
        for (var i = 0; i < data.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            Answer(data, i);
        }
    }

    static byte[] Whole(Stream input)
    {
        using var copy = new MemoryStream();
        input.CopyTo(copy);
        return copy.ToArray();
    }

    void Frames(Stream input, CancellationToken stop)
    {
        var (width, height, format) = settings.Raw!.Value;
        var bytes = new byte[checked((int)Frame.SizeOf(format, width, height))];
        for (var number = 0L; ; number++)
        {
            // With a barrier: of a signal and this thread one has to see the other.
            Interlocked.Exchange(ref waiting, 1);
            stop.ThrowIfCancellationRequested();
            var length = input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            Interlocked.Exchange(ref waiting, 0);
            if (length == 0)
                return;
            if (length < bytes.Length)
                throw new UserException($"Frame {number} is cut short: {length} bytes of {width}x{height} pixels "
                    + $"{format}, which are {bytes.Length}.");
            if (number % settings.Every == 0)
                responder.Answer(new Frame(bytes, format, width, height, range: settings.Range), number);
        }
    }

    void Watch(string folder, CancellationToken stop)
    {
        using var incoming = new IncomingFiles(folder, FileWriter.Has);
        using var journal = Journal.Open(settings.Journal ?? Path.Combine(folder, ".onnxtimm-run"), folder,
            text => messages.WriteLine($"onnxtimm-run: {text}"));
        foreach (var image in incoming.Take(file => ImageEndings.Usual.Contains(file.Extension.ToLowerInvariant())
            && file.Name[0] != '.' && file.Exists && !journal.Has(file), stop))
        {
            Answer(image);
            journal.Add(image);
        }
    }

    void Answer(FileInfo image)
    {
        try
        {
            responder.Answer(file.Read(image.FullName), image.Name);
        }
        catch (UserException e)
        {
            responder.Fault(image.Name, e);
        }
    }

    void Answer(IDataset data, int index)
    {
        try
        {
            responder.Answer(data.Read(index, file), data.Name(index));
        }
        catch (UserException e)
        {
            responder.Fault(data.Name(index), e);
        }
    }
}
