using System.Diagnostics;

namespace OnnxTimm.Conversion;

/// <summary>Holds a connection against the least speed, over spans as long as it may be silent.</summary>
sealed class LeastSpeed(HubSettings settings)
{
    long started = Stopwatch.GetTimestamp();
    long bytes;

    /// <summary>Bytes that a connection brings at the least in such a span.</summary>
    public static long Bytes(HubSettings settings) => (long)(settings.LeastSpeed * settings.Silence.TotalSeconds);

    /// <exception cref="IOException">Fewer bytes came than a span must bring.</exception>
    public void Check(int count)
    {
        bytes += count;
        if (Stopwatch.GetElapsedTime(started) < settings.Silence)
            return;
        if (bytes < Bytes(settings))
            throw new IOException($"only {bytes} bytes came in {settings.Silence.TotalSeconds} seconds");
        (started, bytes) = (Stopwatch.GetTimestamp(), 0);
    }
}
