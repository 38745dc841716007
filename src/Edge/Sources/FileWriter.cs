using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Edge;

/// <summary>Whether somebody writes a file: Linux grants a lease to read it only where nobody has it open to.</summary>
static partial class FileWriter
{
    /// <summary>Commands and values of fcntl.</summary>
    const int SetSignal = 10, SetLease = 1024, Read = 0, None = 2;

    /// <summary>A signal that does nothing, for who opens the file while the lease lasts; SIGIO would end us.</summary>
    const int Urgent = 23;

    /// <summary>EAGAIN.</summary>
    const int InUse = 11;

    /// <summary>Asks the system.</summary>
    /// <returns>Null where it cannot tell: the file is somebody else's, or on another machine.</returns>
    public static bool? Has(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            fcntl(file, SetSignal, Urgent);
            var isGranted = fcntl(file, SetLease, Read) == 0;
            var fault = Marshal.GetLastPInvokeError();
            if (isGranted)
                fcntl(file, SetLease, None);
            return isGranted ? false : fault == InUse ? true : null;
        }
        catch (UserException)
        {
            // Who reads it says what is wrong.
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fcntl(SafeFileHandle file, int command, int value);
}
