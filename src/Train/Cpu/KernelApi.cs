using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The functions of ONNX Runtime's C API that its managed assembly does not show: those for operators of one's own.
/// The API is a table that only ever grows; the numbers are the functions' places in it (onnxruntime_c_api.h).
/// </summary>
static unsafe partial class KernelApi
{
    const uint Version = 17;

    static readonly void** Table = GetTable();

    /// <summary>Makes operators known to the sessions that are created with these options.</summary>
    public static void Register(SessionOptions options, string domain, IEnumerable<Kernel> kernels)
    {
        var create = (delegate* unmanaged<byte*, void**, void*>)Table[26];
        var add = (delegate* unmanaged<void*, CustomOp*, void*>)Table[27];
        var register = (delegate* unmanaged<nint, void*, void*>)Table[28];
        void* handle;
        Check(create((byte*)Marshal.StringToCoTaskMemUTF8(domain), &handle));
        foreach (var kernel in kernels)
            Check(add(handle, CustomOp.Of(kernel)));
        Check(register(options.DangerousGetHandle(), handle));
    }

    public static void* Input(void* context, int index)
    {
        void* value;
        Check(((delegate* unmanaged<void*, nuint, void**, void*>)Table[90])(context, (nuint)index, &value));
        return value;
    }

    public static void* Output(void* context, int index, ReadOnlySpan<long> shape)
    {
        void* value;
        fixed (long* dims = shape)
            Check(((delegate* unmanaged<void*, nuint, long*, nuint, void**, void*>)Table[91])(
                context, (nuint)index, dims, (nuint)shape.Length, &value));
        return value;
    }

    public static void* Data(void* value)
    {
        void* data;
        Check(((delegate* unmanaged<void*, void**, void*>)Table[51])(value, &data));
        return data;
    }

    public static long[] Shape(void* value)
    {
        void* info;
        nuint rank;
        Check(((delegate* unmanaged<void*, void**, void*>)Table[65])(value, &info));
        Check(((delegate* unmanaged<void*, nuint*, void*>)Table[61])(info, &rank));
        var dims = new long[rank];
        fixed (long* p = dims)
            Check(((delegate* unmanaged<void*, long*, nuint, void*>)Table[62])(info, p, rank));
        ((delegate* unmanaged<void*, void>)Table[99])(info);
        return dims;
    }

    /// <summary>Runs a function for 0 to count - 1 on the session's own threads.</summary>
    public static void ParallelFor(void* context, int count, delegate* unmanaged<void*, nuint, void> body,
        void* state) =>
        Check(
            ((delegate* unmanaged<void*, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, void*>)
            Table[274])(context, body, (nuint)count, 0, state));

    static void Check(void* status)
    {
        if (status == null)
            return;
        var message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<void*, byte*>)Table[2])(status));
        ((delegate* unmanaged<void*, void>)Table[93])(status);
        throw new InvalidOperationException(message);
    }

    static void** GetTable()
    {
        var table = ((delegate* unmanaged<uint, void**>)(*(void**)OrtGetApiBase()))(Version);
        return table != null ? table : throw new UserException($"ONNX Runtime has no C API of version {Version}.");
    }

    [LibraryImport("onnxruntime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint OrtGetApiBase();
}
