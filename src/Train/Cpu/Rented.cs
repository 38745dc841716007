using System.Buffers;

namespace OnnxTimm.Train.Cpu;

/// <summary>Memory, zeroed or filled, for one piece of work, borrowed from a pool.</summary>
readonly struct Rented : IDisposable
{
    readonly float[] array;

    public Rented(int count, float fill = 0)
    {
        array = ArrayPool<float>.Shared.Rent(count);
        array.AsSpan(0, count).Fill(fill);
    }

    public Span<float> Memory => array;

    public void Dispose() => ArrayPool<float>.Shared.Return(array);
}
