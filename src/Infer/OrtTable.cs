using System.Runtime.InteropServices;
using System.Text;

namespace OnnxTimm.Infer;

/// <summary>
/// ONNX Runtime's C API, for what its managed assembly does not show. It is a table of functions that only ever grows;
/// the numbers of functions are their places in it (onnxruntime_c_api.h).
/// </summary>
static unsafe partial class OrtTable
{
    const int ErrorMessage = 2, ReleaseStatus = 93;

    static readonly void** Functions = Load();

    /// <summary>A function by its place.</summary>
    public static void* At(int place) => Functions[place];

    /// <summary>Turns a status that a function gave into an exception; null is success.</summary>
    /// <exception cref="InvalidOperationException">The function failed.</exception>
    public static void Check(void* status)
    {
        if (status == null)
            return;
        var message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<void*, byte*>)At(ErrorMessage))(status));
        ((delegate* unmanaged<void*, void>)At(ReleaseStatus))(status);
        throw new InvalidOperationException(message);
    }

    /// <summary>A text as C has it.</summary>
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes($"{text}\0");

    static void** Load()
    {
        var table = ((delegate* unmanaged<uint, void**>)(*(void**)OrtGetApiBase()))(RuntimeLibrary.Api);
        return table != null ? table
            : throw new UserException($"ONNX Runtime has no C API of version {RuntimeLibrary.Api}.");
    }

    [LibraryImport("onnxruntime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint OrtGetApiBase();
}
