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
            Check(seen);
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
    public void Check() => Check(Volatile.Read(ref state));

    void Check(int seen)
    {
        if ((seen & Closed) != 0)
            throw Fault();
    }

    /// <summary>With the name, in place of which ThrowIf would tell a type.</summary>
    ObjectDisposedException Fault() => new(name);
}
