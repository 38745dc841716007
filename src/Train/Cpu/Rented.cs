using System.Buffers;

namespace OnnxTimm.Train.Cpu;

/// <summary>Zeroed memory for one piece of work, borrowed from a pool.</summary>
readonly struct Rented : IDisposable
{
    readonly float[] array;

    public Rented(int count)
    {
        array = ArrayPool<float>.Shared.Rent(count);
        array.AsSpan(0, count).Clear();
    }

    public Span<float> Memory => array;

    public void Dispose() => ArrayPool<float>.Shared.Return(array);
}
