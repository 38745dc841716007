using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>
/// The system's signals to end, as a wish to stop: Ctrl-C and Ctrl-\, the one of schedulers and containers, and that of
/// a terminal that closes. The second time they end the program.
/// </summary>
sealed class Interrupt : IDisposable
{
    /// <summary>The signals.</summary>
    public static IReadOnlyList<PosixSignal> Signals { get; } =
        [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;

    public Interrupt() =>
        registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !source.IsCancellationRequested;
        source.Cancel();
    }
}
