using OnnxTimm.Data;
using OnnxTimm.Deploy;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Images of coloured noise, each another.</summary>
sealed class Noise(int count) : IDataset
{
    const int Side = 24;

    public int Count => count;

    public IReadOnlyList<string> Classes => [];

    /// <summary>Images for a network.</summary>
    public static CalibrationImages For(Graph graph, int count, int workers = 2)
    {
        var shape = graph.Inputs[0].Shape;
        return new(new Noise(count),
            new() { Channels = (int)shape[1].Size, Height = (int)shape[2].Size, Width = (int)shape[3].Size }, workers);
    }

    public int Label(int index) => -1;

    public string Name(int index) => $"{index}.ppm";

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer)
    {
        var bmp = Bmp(index);
        var room = buffer.Take(bmp.Length, Name(index));
        bmp.CopyTo(room);
        return room;
    }

    public void Dispose()
    {
    }

    /// <summary>A bitmap of 24 bits a pixel: 14 + 40 bytes of headers, then rows.</summary>
    static byte[] Bmp(int seed)
    {
        var bmp = new byte[54 + 3 * Side * Side];
        new Random(seed).NextBytes(bmp);
        (bmp[0], bmp[1]) = ((byte)'B', (byte)'M');
        BitConverter.TryWriteBytes(bmp.AsSpan(2), bmp.Length);
        bmp.AsSpan(6, 48).Clear();
        foreach (var (at, value) in ((int, int)[])[(10, 54), (14, 40), (18, Side), (22, Side)])
            BitConverter.TryWriteBytes(bmp.AsSpan(at), value);
        (bmp[26], bmp[28]) = (1, 24);
        return bmp;
    }
}
