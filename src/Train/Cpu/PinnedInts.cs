using System.Runtime.InteropServices;

namespace OnnxTimm.Train.Cpu;

/// <summary>Numbers at an address that stays while whoever has them lives.</summary>
readonly unsafe struct PinnedInts
{
    readonly int[] values;

    public PinnedInts(ReadOnlySpan<int> numbers)
    {
        values = GC.AllocateUninitializedArray<int>(numbers.Length, pinned: true);
        numbers.CopyTo(values);
    }

    public int* Address => (int*)Marshal.UnsafeAddrOfPinnedArrayElement(values, 0);
}
