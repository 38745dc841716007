using System.Runtime.InteropServices;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Memory that kernels use while they run. Each thread that runs a session has its own slots, which grow and are kept:
/// kernels of a session run one after the other.
/// </summary>
static unsafe class Scratch
{
    const int Alignment = 64, Slots = 4;

    [ThreadStatic]
    static nint[]? pointers;

    [ThreadStatic]
    static nuint[]? sizes;

    /// <summary>At least so many floats, with unspecified content, good until the slot is asked for again.</summary>
    public static float* Floats(int slot, long count)
    {
        pointers ??= new nint[Slots];
        sizes ??= new nuint[Slots];
        var bytes = (nuint)count * sizeof(float);
        if (sizes[slot] < bytes)
        {
            NativeMemory.AlignedFree((void*)pointers[slot]);
            pointers[slot] = (nint)NativeMemory.AlignedAlloc(bytes + bytes / 4, Alignment);
            sizes[slot] = bytes + bytes / 4;
        }
        return (float*)pointers[slot];
    }
}
