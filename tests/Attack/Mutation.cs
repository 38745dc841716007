using System.Buffers.Binary;

namespace OnnxTimm.Tests.Attacks;

/// <summary>
/// Changes files at random, several times each: flipped bits, cuts, numbers at the ends of their range, and pieces that
/// are copied elsewhere, taken out, put in or repeated.
/// </summary>
static class Mutation
{
    static readonly long[] Extremes =
        [0, 1, -1, 127, 128, 255, 32767, 65535, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    public static byte[] Of(byte[] content, Random random)
    {
        for (var times = random.Next(1, 4); times > 0 && content.Length > 0; times--)
            content = random.Next(7) switch
            {
                0 => content[..random.Next(content.Length)],
                1 => Spliced(content, random, taken: 0, random.Next(1, 9)),
                2 => Spliced(content, random, random.Next(1, 9), given: 0),
                3 => Spliced(content, random, 8, 8),
                4 => Spliced(content, random, taken: 0, random.Next(1, 4096)),
                5 => Numbered(content, random),
                _ => Flipped(content, random),
            };
        return content;
    }

    static byte[] Flipped(byte[] content, Random random)
    {
        var damaged = content.ToArray();
        damaged[Place(content, random)] ^= (byte)(1 << random.Next(8));
        return damaged;
    }

    /// <summary>Puts a number of 1 to 8 bytes somewhere, in either order.</summary>
    static byte[] Numbered(byte[] content, Random random)
    {
        var (damaged, number) = (content.ToArray(), new byte[8]);
        var (at, size) = (Place(content, random), 1 << random.Next(4));
        BinaryPrimitives.WriteInt64LittleEndian(number, Extremes[random.Next(Extremes.Length)]);
        var piece = number[..Math.Min(size, content.Length - at)];
        if (random.Next(2) == 0)
            Array.Reverse(piece);
        piece.CopyTo(damaged, at);
        return damaged;
    }

    /// <summary>Takes bytes out somewhere and puts others of the file in their place.</summary>
    static byte[] Spliced(byte[] content, Random random, int taken, int given)
    {
        var (to, from) = (Place(content, random), Place(content, random));
        var piece = content[from..Math.Min(from + given, content.Length)];
        return [.. content[..to], .. piece, .. content[Math.Min(to + taken, content.Length)..]];
    }

    /// <summary>Half of the time near an end, where headers and directories lie.</summary>
    static int Place(byte[] content, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(300, content.Length)),
        1 => content.Length - 1 - random.Next(Math.Min(3000, content.Length)),
        _ => random.Next(content.Length),
    };
}
