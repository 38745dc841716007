using System.Runtime.InteropServices;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>While it lives, the system's signals to end take half-written files along, then end the program.</summary>
sealed class Leaving : IDisposable
{
    readonly PosixSignalRegistration[] registrations = Interrupt.Register(_ => WriteBeside.RemoveDrafts());

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
    }
}
