using System.Runtime.InteropServices;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Memory that kernels use while they run. Each thread that runs a session has its own slots, which grow and are kept
/// as long as the thread: kernels of a session run one after the other.
/// </summary>
sealed unsafe class Scratch
{
    const int Alignment = 64, Slots = 5;

    [ThreadStatic]
    static Scratch? own;

    readonly (nint Pointer, nuint Size)[] slots = new (nint, nuint)[Slots];

    ~Scratch()
    {
        foreach (var (pointer, _) in slots)
            NativeMemory.AlignedFree((void*)pointer);
    }

    /// <summary>At least so many floats, with unspecified content, good until the slot is asked for again.</summary>
    public static float* Floats(int slot, long count) =>
        (float*)(own ??= new()).Grown(slot, checked((nuint)count * sizeof(float)));

    nint Grown(int slot, nuint bytes)
    {
        if (slots[slot].Size >= bytes)
            return slots[slot].Pointer;
        NativeMemory.AlignedFree((void*)slots[slot].Pointer);
        // Taking memory may fail.
        slots[slot] = default;
        var size = checked(bytes + bytes / 4);
        slots[slot] = ((nint)NativeMemory.AlignedAlloc(size, Alignment), size);
        return slots[slot].Pointer;
    }
}
