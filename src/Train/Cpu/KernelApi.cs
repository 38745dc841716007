using Microsoft.ML.OnnxRuntime;
using static OnnxTimm.Infer.OrtTable;

namespace OnnxTimm.Train.Cpu;

/// <summary>The functions of ONNX Runtime's C API for operators of one's own, by their places in its table.</summary>
static unsafe class KernelApi
{
    /// <summary>
    /// Held while a session with kernels is made: of two that bring a domain at the same time ONNX Runtime refuses one,
    /// now and then.
    /// </summary>
    internal static readonly Lock Gate = new();

    /// <summary>Makes operators known to the sessions that are created with these options.</summary>
    /// <returns>The domain, which is to be disposed of after those sessions.</returns>
    public static KernelDomain Register(SessionOptions options, string domain, IEnumerable<Kernel> kernels)
    {
        var made = new KernelDomain(domain, kernels);
        try
        {
            Check(((delegate* unmanaged<nint, void*, void*>)At(28))(
                options.DangerousGetHandle(), (void*)made.Handle));
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public static void* CreateDomain(string name)
    {
        void* domain;
        fixed (byte* text = Utf8(name))
            Check(((delegate* unmanaged<byte*, void**, void*>)At(26))(text, &domain));
        return domain;
    }

    public static void Add(void* domain, CustomOp* op) =>
        Check(((delegate* unmanaged<void*, CustomOp*, void*>)At(27))(domain, op));

    public static void ReleaseDomain(void* domain) => ((delegate* unmanaged<void*, void>)At(101))(domain);

    /// <summary>What went wrong, for ONNX Runtime, which frees it.</summary>
    public static void* Status(string message)
    {
        const int Fail = 1;
        fixed (byte* text = Utf8(message))
            return ((delegate* unmanaged<int, byte*, void*>)At(0))(Fail, text);
    }

    public static void* Input(void* context, int index)
    {
        void* value;
        Check(((delegate* unmanaged<void*, nuint, void**, void*>)At(90))(context, (nuint)index, &value));
        return value;
    }

    public static void* Output(void* context, int index, ReadOnlySpan<long> shape)
    {
        void* value;
        fixed (long* dims = shape)
            Check(((delegate* unmanaged<void*, nuint, long*, nuint, void**, void*>)At(91))(
                context, (nuint)index, dims, (nuint)shape.Length, &value));
        return value;
    }

    public static void* Data(void* value)
    {
        void* data;
        Check(((delegate* unmanaged<void*, void**, void*>)At(51))(value, &data));
        return data;
    }

    public static long[] Shape(void* value)
    {
        void* info;
        nuint rank;
        Check(((delegate* unmanaged<void*, void**, void*>)At(65))(value, &info));
        Check(((delegate* unmanaged<void*, nuint*, void*>)At(61))(info, &rank));
        var dims = new long[rank];
        fixed (long* p = dims)
            Check(((delegate* unmanaged<void*, long*, nuint, void*>)At(62))(info, p, rank));
        ((delegate* unmanaged<void*, void>)At(99))(info);
        return dims;
    }

    /// <summary>Runs a function for 0 to count - 1 on the session's own threads.</summary>
    public static void ParallelFor(void* context, int count, delegate* unmanaged<void*, nuint, void> body,
        void* state) =>
        Check(
            ((delegate* unmanaged<void*, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, void*>)
            At(274))(context, body, (nuint)count, 0, state));
}
