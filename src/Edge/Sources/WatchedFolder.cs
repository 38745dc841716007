using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Edge;

/// <summary>
/// Tells of files in a folder that whoever wrote them has closed, or that were renamed into it: Linux's inotify.
/// FileSystemWatcher has no word for a file that is closed.
/// </summary>
sealed partial class WatchedFolder : IDisposable
{
    const int NonBlocking = 0x800, CloseOnExec = 0x80000;

    /// <summary>How often a wish to stop is looked for, in milliseconds.</summary>
    const int Patience = 200;

    readonly string folder;
    readonly SafeFileHandle handle;
    readonly byte[] events = new byte[1 << 16];

    /// <exception cref="UserException">There is no such folder, or the system cannot watch it.</exception>
    public WatchedFolder(string folder)
    {
        this.folder = folder;
        if (!OperatingSystem.IsLinux())
            throw new UserException("--watch needs Linux, which tells when a file is closed.");
        if (!Directory.Exists(folder))
            throw new UserException($"There is no folder \"{folder}\".");
        handle = new(inotify_init1(NonBlocking | CloseOnExec), ownsHandle: true);
        if (handle.IsInvalid || inotify_add_watch(Number, folder, Kinds.Closed | Kinds.MovedIn | Kinds.Gone) < 0)
        {
            var why = Marshal.GetLastPInvokeErrorMessage();
            handle.Dispose();
            throw new UserException($"\"{folder}\" cannot be watched: {why}.");
        }
    }

    [Flags]
    enum Kinds : uint
    {
        /// <summary>IN_CLOSE_WRITE.</summary>
        Closed = 0x8,

        /// <summary>IN_MOVED_TO.</summary>
        MovedIn = 0x80,

        /// <summary>IN_DELETE_SELF and IN_MOVE_SELF.</summary>
        Gone = 0xC00,

        /// <summary>IN_Q_OVERFLOW.</summary>
        Overflow = 0x4000,
    }

    int Number => (int)handle.DangerousGetHandle();

    /// <summary>Waits for files.</summary>
    /// <param name="isShort">Waits but a moment, and gives none where none came.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Their names; null where so many came that the folder has to be looked through.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="UserException">The folder is gone.</exception>
    public List<string>? Wait(bool isShort, CancellationToken stop)
    {
        var ready = new Polled(Number, 1, 0);
        bool isThere;
        while (!(isThere = poll(ref ready, 1, Patience) > 0) && !isShort)
            stop.ThrowIfCancellationRequested();
        stop.ThrowIfCancellationRequested();
        if (!isThere)
            return [];
        var length = (int)read(Number, events, (nuint)events.Length);
        return Names(events.AsSpan(0, Math.Max(0, length)));
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Each event: four numbers, the last of which is the length of the name, and the name.</summary>
    List<string>? Names(ReadOnlySpan<byte> bytes)
    {
        const int head = 16;
        var names = new List<string>();
        while (bytes.Length >= head)
        {
            var numbers = MemoryMarshal.Cast<byte, uint>(bytes[..head]);
            var (kind, length) = ((Kinds)numbers[1], (int)numbers[3]);
            if ((kind & Kinds.Gone) != 0)
                throw new UserException($"The folder \"{folder}\" is gone.");
            if ((kind & Kinds.Overflow) != 0)
                return null;
            names.Add(Encoding.UTF8.GetString(bytes.Slice(head, length).TrimEnd((byte)0)));
            bytes = bytes[(head + length)..];
        }
        return names;
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int inotify_add_watch(int fd, string path, Kinds mask);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int poll(ref Polled one, nuint count, int milliseconds);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint read(int fd, byte[] buffer, nuint count);

    /// <summary>pollfd: what is waited for (POLLIN is 1), and what came.</summary>
    [StructLayout(LayoutKind.Sequential)]
    record struct Polled(int Number, short Events, short Came);
}
