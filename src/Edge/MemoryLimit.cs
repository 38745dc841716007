using System.Runtime.InteropServices;

namespace OnnxTimm.Edge;

/// <summary>
/// A limit of the process's memory for data: ONNX Runtime and decoders fail beyond it with a message, where the system
/// would end the process without one.
/// </summary>
static partial class MemoryLimit
{
    /// <summary>Megabytes below which the program itself cannot start its threads.</summary>
    public const int Least = 64;

    /// <summary>RLIMIT_DATA of Linux: private memory that can be written.</summary>
    const int Data = 2;

    /// <exception cref="UserException">The system has no such limit.</exception>
    public static void Set(int megabytes)
    {
        var bytes = (ulong)megabytes << 20;
        AppContext.SetData("GCHeapHardLimit", bytes);
        GC.RefreshMemoryLimit();
        if (!OperatingSystem.IsLinux() || SetLimit(Data, new(bytes, bytes)) != 0)
            throw new UserException("--max-memory cannot be set on this system.");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    readonly record struct Limit(ulong Current, ulong Most);
}
