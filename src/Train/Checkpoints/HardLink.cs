using System.Runtime.InteropServices;

namespace OnnxTimm.Train;

/// <summary>A second name for a file, without a copy where the file system has hard links.</summary>
static partial class HardLink
{
    /// <summary>Gives a file another name in its folder, in place of what had that name.</summary>
    public static void Create(string file, string name)
    {
        var beside = $"{name}.tmp";
        File.Delete(beside);
        if (!TryLink(file, beside))
            File.Copy(file, beside);
        File.Move(beside, name, overwrite: true);
        // Renaming one name of a file to another of the same file leaves both.
        File.Delete(beside);
    }

    static bool TryLink(string file, string name)
    {
        try
        {
            return OperatingSystem.IsWindows() ? CreateHardLink(name, file, 0) : link(file, name) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int link(string from, string to);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string name, string file, nint security);
}
