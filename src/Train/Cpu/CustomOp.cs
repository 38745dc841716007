using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// ONNX Runtime's C structure of an operator of one's own (OrtCustomOp, API version 16), filled with functions of this
/// class, followed by what those functions need. It lives in native memory until it is freed.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct CustomOp
{
    const uint ApiVersion = 16;
    const int Required = 0;

    uint version;
    delegate* unmanaged<CustomOp*, void*, void*, void*> createKernel;
    delegate* unmanaged<CustomOp*, byte*> getName;
    delegate* unmanaged<CustomOp*, byte*> getProvider;
    delegate* unmanaged<CustomOp*, nuint, int> getInputType;
    delegate* unmanaged<CustomOp*, nuint> getInputCount;
    delegate* unmanaged<CustomOp*, nuint, int> getOutputType;
    delegate* unmanaged<CustomOp*, nuint> getOutputCount;
    delegate* unmanaged<void*, void*, void> computeWithoutStatus;
    delegate* unmanaged<void*, void> destroy;
    delegate* unmanaged<CustomOp*, nuint, int> getInputCharacteristic;
    delegate* unmanaged<CustomOp*, nuint, int> getOutputCharacteristic;
    delegate* unmanaged<CustomOp*, nuint, int> getInputMemoryType;
    delegate* unmanaged<CustomOp*, int> getVariadicInputMin;
    delegate* unmanaged<CustomOp*, int> getVariadicInputHomogeneity;
    delegate* unmanaged<CustomOp*, int> getVariadicOutputMin;
    delegate* unmanaged<CustomOp*, int> getVariadicOutputHomogeneity;
    delegate* unmanaged<CustomOp*, void*, void*, void**, void*> createWithStatus;
    delegate* unmanaged<void*, void*, void*> compute;

    // The fields of later API versions, which ONNX Runtime does not read at this one.
    fixed long later[8];

    GCHandle kernel;
    byte* name;

    /// <summary>Makes the structure for a kernel; it and the kernel stay until it is freed.</summary>
    public static CustomOp* Of(Kernel kernel)
    {
        var op = (CustomOp*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOp));
        op->version = ApiVersion;
        op->kernel = GCHandle.Alloc(kernel);
        op->name = (byte*)Marshal.StringToCoTaskMemUTF8(kernel.Name);
        op->createKernel = &Create;
        op->getName = &GetName;
        op->getProvider = &GetProvider;
        op->getInputType = &GetInputType;
        op->getInputCount = &GetInputCount;
        op->getOutputType = &GetOutputType;
        op->getOutputCount = &GetOutputCount;
        op->compute = &Compute;
        op->destroy = &Destroy;
        op->getInputCharacteristic = op->getOutputCharacteristic = op->getInputMemoryType = &IsRequired;
        op->getVariadicInputMin = op->getVariadicInputHomogeneity = &One;
        op->getVariadicOutputMin = op->getVariadicOutputHomogeneity = &One;
        return op;
    }

    /// <summary>No session that knows it may live.</summary>
    public static void Free(CustomOp* op)
    {
        op->kernel.Free();
        Marshal.FreeCoTaskMem((nint)op->name);
        NativeMemory.Free(op);
    }

    static Kernel KernelOf(CustomOp* op) => Unsafe.As<Kernel>(op->kernel.Target!);

    [UnmanagedCallersOnly]
    static void* Create(CustomOp* op, void* api, void* info) => (void*)GCHandle.ToIntPtr(op->kernel);

    [UnmanagedCallersOnly]
    static void Destroy(void* kernel)
    {
    }

    [UnmanagedCallersOnly]
    static byte* GetName(CustomOp* op) => op->name;

    [UnmanagedCallersOnly]
    static byte* GetProvider(CustomOp* op) => null;

    [UnmanagedCallersOnly]
    static int GetInputType(CustomOp* op, nuint index) => (int)KernelOf(op).InputType((int)index);

    [UnmanagedCallersOnly]
    static nuint GetInputCount(CustomOp* op) => (nuint)KernelOf(op).Inputs;

    [UnmanagedCallersOnly]
    static int GetOutputType(CustomOp* op, nuint index) => (int)KernelOf(op).OutputType((int)index);

    [UnmanagedCallersOnly]
    static nuint GetOutputCount(CustomOp* op) => (nuint)KernelOf(op).Outputs;

    [UnmanagedCallersOnly]
    static int IsRequired(CustomOp* op, nuint index) => Required;

    [UnmanagedCallersOnly]
    static int One(CustomOp* op) => 1;

    /// <summary>An exception must not cross the native frames above: it goes on as ONNX Runtime's status.</summary>
    [UnmanagedCallersOnly]
    static void* Compute(void* kernel, void* context)
    {
        try
        {
            Unsafe.As<Kernel>(GCHandle.FromIntPtr((nint)kernel).Target!).Run(new KernelContext(context));
            return null;
        }
        catch (Exception e)
        {
            return KernelApi.Status(e.Message);
        }
    }
}
