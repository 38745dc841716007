using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>
/// What a path may name beside files and folders: devices, pipes, sockets, and what the process has open already.
/// </summary>
public static partial class SpecialFile
{
    const int TypeMask = 0xF000, Folder = 0x4000, Regular = 0x8000, Link = 0xA000;

    static readonly string[] Opened = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>Whether something is there that is no file, no folder and no link.</summary>
    public static bool Is(string path) => !OperatingSystem.IsWindows()
        && (IsOpened(path) || TypeOf(path) is not (null or Folder or Regular or Link));

    /// <summary>
    /// Whether a path names one of the process's own open files, as <c>/dev/stdout</c> leads to; the link that it is
    /// leads nowhere in the file system.
    /// </summary>
    internal static bool IsOpened(string path) =>
        Opened.Any(folder => path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The type bits of a file's mode; null where nothing is there.</summary>
    static int? TypeOf(string path)
    {
        Span<int> status = stackalloc int[64];
        return LStat(path, ref status[0]) == 0 ? status[1] & TypeMask : null;
    }

    /// <summary>
    /// The BCL knows a file's type and does not tell: this is the function that it asks, with the same result on every
    /// Unix. The mode is the second number of what it fills.
    /// </summary>
    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_LStat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int LStat(string path, ref int status);
}
