using System.Runtime.InteropServices;

namespace OnnxTimm.Edge;

/// <summary>
/// The memory of the runtime's library, in the C library of GNU. While a session starts, tens of megabytes are taken,
/// given back and taken again, and each page that the system gives is looked up and filled with zeros: a sixth of the
/// time to the first label.
/// </summary>
static partial class NativeHeap
{
    /// <summary>mallopt's names of its limits, in malloc.h.</summary>
    const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;

    /// <summary>madvise's word for pages of 2 MB.</summary>
    const int HugePages = 14;

    /// <summary>Bytes of the largest block that older libraries let the heap itself hold.</summary>
    const int LargestBlock = 32 << 20;

    /// <summary>Bytes that sessions of small networks take.</summary>
    const int Session = 24 << 20;

    /// <summary>Has the heap take a session's memory in large pages, and keep what is given back for later.</summary>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Set(TrimThreshold, 2 * Session);
            _ = Set(MmapThreshold, LargestBlock);
            _ = Set(TopPad, Session);
            Grow();
            _ = Set(TopPad, 1 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library manages its memory by itself.
        }
    }

    /// <summary>Any block that does not fit makes the heap grow by the pad.</summary>
    static unsafe void Grow()
    {
        var start = End(0);
        NativeMemory.Free(NativeMemory.Alloc(1 << 20));
        var page = Environment.SystemPageSize;
        start = (start + page - 1) / page * page;
        _ = Advise(start, End(0) - start, HugePages);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(int limit, int value);

    [LibraryImport("libc", EntryPoint = "sbrk")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint End(nint more);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint start, nint length, int advice);
}
