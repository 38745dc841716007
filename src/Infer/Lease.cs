namespace OnnxTimm.Infer;

/// <summary>
/// Something native that many threads use: after <see cref="Close"/> nobody new may, and it is freed when the last who
/// does has left.
/// </summary>
/// <param name="name">Name of what it belongs to, for the exception.</param>
/// <param name="free">Frees it; called once.</param>
sealed class Lease(string name, Action free)
{
    const int Closed = 1 << 30;

    /// <summary>How many use it, and whether it is closed.</summary>
    int state;

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Enter()
    {
        for (var seen = Volatile.Read(ref state); ;)
        {
            ObjectDisposedException.ThrowIf((seen & Closed) != 0, name);
            var before = Interlocked.CompareExchange(ref state, seen + 1, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref state) == Closed)
            free();
    }

    public void Close()
    {
        if (Interlocked.Or(ref state, Closed) == 0)
            free();
    }

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Check() => ObjectDisposedException.ThrowIf((Volatile.Read(ref state) & Closed) != 0, name);
}
