using System.Buffers.Binary;
using OnnxTimm.Data;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// Images to learn from, made by a rule: the class is the colour of a dot somewhere in a noisy image.
/// </summary>
sealed class Dots(int count, string first = "red") : IDataset
{
    const int Size = 32, Header = 54;

    public int Count => count;

    public IReadOnlyList<string> Classes => [first, "green", "blue", "white"];

    public int Label(int index) => index % 4;

    public string Name(int index) => $"{Classes[Label(index)]}/{index}.bmp";

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer)
    {
        var file = buffer.Take(Header + 3 * Size * Size, Name(index));
        file[..Header].Clear();
        "BM"u8.CopyTo(file);
        foreach (var (place, value) in new[] { (2, file.Length), (10, Header), (14, 40), (18, Size), (22, -Size),
            (26, 1 | (24 << 16)) })
            BinaryPrimitives.WriteInt32LittleEndian(file[place..], value);
        var noise = Fill.Uniform($"dots:{index}", 3 * Size * Size);
        var (x, y, label) = (8 + index * 7 % 16, 8 + index * 5 % 16, Label(index));
        for (var i = 0; i < noise.Length; i++)
        {
            var isDot = Math.Abs(i / 3 % Size - x) < 6 && Math.Abs(i / 3 / Size - y) < 6;
            // BMP's channels are blue, green, red.
            file[Header + i] = (byte)(80 + 40 * noise[i] + (isDot && (label == 3 || label == 2 - i % 3) ? 130 : 0));
        }
        return file;
    }

    public void Dispose()
    {
    }
}
