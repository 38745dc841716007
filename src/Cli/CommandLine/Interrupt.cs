namespace OnnxTimm.Cli.CommandLine;

/// <summary>Ctrl-C as a wish to stop; the second time it ends the program.</summary>
sealed class Interrupt : IDisposable
{
    readonly CancellationTokenSource source = new();

    public Interrupt() => Console.CancelKeyPress += OnCancel;

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancel;
        source.Dispose();
    }

    void OnCancel(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = !source.IsCancellationRequested;
        source.Cancel();
    }
}
