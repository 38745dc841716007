using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>
/// The system's signals to end, as a wish to stop: Ctrl-C and Ctrl-\, the one of schedulers and containers, and that of
/// a terminal that closes. The second time they end the program.
/// </summary>
sealed class Interrupt : IDisposable
{
    static readonly PosixSignal[] Signals =
        [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;

    public Interrupt() =>
        registrations = Register(OnSignal);

    /// <summary>Has something done at each of the signals, until what is returned is disposed.</summary>
    public static PosixSignalRegistration[] Register(Action<PosixSignalContext> action)
    {
        // A loop: what LINQ does over values is compiled when a program starts.
        var registrations = new PosixSignalRegistration[Signals.Length];
        for (var i = 0; i < Signals.Length; i++)
            registrations[i] = PosixSignalRegistration.Create(Signals[i], action);
        return registrations;
    }

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
