using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Winograd's F(2x2, 3x3): the 2x2 outputs of a tile from 16 products in place of 36 (Lavin and Gray, "Fast algorithms
/// for convolutional neural networks"). A tile reads a square of 4x4 pixels, which overlaps its neighbours' by two.
/// Squares are transformed to 16 values, B'dB; there, products with transformed weights are added up over the channels,
/// a matrix product for each of the 16; A'mA makes outputs of them. Four of nine multiplications are left.
/// </summary>
sealed unsafe class WinogradTiles
{
    /// <summary>Values of a square.</summary>
    public const int Values = 16;

    /// <summary>Channels of either side that pay for transforms.</summary>
    const int Fewest = 64;

    readonly Planes planes;

    /// <param name="channels">Channels of the map, of which zeros lie around.</param>
    /// <param name="size">Height and width of the map.</param>
    /// <param name="output">Height and width of the output.</param>
    public WinogradTiles(int channels, (int H, int W) size, (int H, int W) output)
    {
        (Rows, Columns) = ((output.H + 1) / 2, (output.W + 1) / 2);
        planes = new(channels, size, before: (1, 1), step: (1, 1), window: (1, 1), (2 * Rows + 2, 2 * Columns + 2));
    }

    /// <summary>Rows of tiles.</summary>
    public int Rows { get; }

    /// <summary>Tiles of a row.</summary>
    public int Columns { get; }

    /// <summary>Tiles of an image.</summary>
    public int Area => Rows * Columns;

    /// <inheritdoc cref="Planes.ChannelSize"/>
    public int ChannelSize => planes.ChannelSize;

    /// <summary>
    /// Whether a convolution is one that this computes. Its input gradient's pad, 3 - 1 - 1, is 1 as well; what is
    /// padded below and to the right shows in the output's size.
    /// </summary>
    public static bool Serves(ConvGeometry g) => g is
    {
        Kh: 3, Kw: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Top: 1, Left: 1, Groups: 1,
        C: >= Fewest, M: >= Fewest,
    };

    /// <summary>Lays out the maps of a batch.</summary>
    public Planes.Filled Fill(KernelContext context, float* map, long n, int slot) =>
        planes.Fill(context, map, n, slot);

    /// <summary>Cuts the tiles of a batch into strips that lie in one row each.</summary>
    /// <param name="first">The first tile.</param>
    /// <param name="count">How many.</param>
    /// <param name="room">Room for as many strips as there are tiles.</param>
    /// <returns>The strips that there are.</returns>
    public Span<Strip> Cut(long first, int count, Span<Strip> room)
    {
        var n = 0;
        for (var at = 0; at < count; at += room[n++].Count)
        {
            var (image, tile) = Math.DivRem(first + at, Area);
            var (row, column) = Math.DivRem((int)tile, Columns);
            room[n] = new(at, Math.Min(Columns - column, count - at), image, row, column);
        }
        return room[..n];
    }

    /// <summary>Neighbours in a row of tiles.</summary>
    /// <param name="At">The first, counted from the first of all strips.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Image">The image that they are of.</param>
    /// <param name="Row">Their row.</param>
    /// <param name="Column">Column of the first.</param>
    public readonly record struct Strip(int At, int Count, long Image, int Row, int Column);

    /// <summary>
    /// The 16 values of squares, for each channel and tile: target[value][channel][tile]. Whole vectors are written,
    /// behind the last tile of a strip too: strips and channels come in ascending order, so that each overwrites what
    /// the one before spilled, and there must be room for one vector more.
    /// </summary>
    /// <param name="strips">The tiles.</param>
    /// <param name="maps">The maps of a batch, from the first channel that is read.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="target">Where values go.</param>
    /// <param name="pitch">Floats from channel to channel.</param>
    /// <param name="plane">Floats from value to value.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void InputTransform(ReadOnlySpan<Strip> strips, Planes.Filled maps, int channels, float* target, nint pitch,
        nint plane)
    {
        for (var c = 0; c < channels; c++, target += pitch)
            foreach (ref readonly var strip in strips)
            {
                var from = Source(strip, maps, c);
                for (var i = 0; i < strip.Count; i += Lanes.Count)
                    Transform(from + 2 * i, target + strip.At + i, plane);
            }
    }

    /// <summary>Sixteen squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Transform(float* from, float* to, nint plane)
    {
        var row = planes.Pitch;
        var (p0, p1) = Lanes.Unzip(from);
        var (p2, p3) = Lanes.Unzip(from + 2);
        var (q0, q1) = Lanes.Unzip(from + row);
        var (q2, q3) = Lanes.Unzip(from + row + 2);
        var (r0, r1) = Lanes.Unzip(from + 2 * row);
        var (r2, r3) = Lanes.Unzip(from + 2 * row + 2);
        var (s0, s1) = Lanes.Unzip(from + 3 * row);
        var (s2, s3) = Lanes.Unzip(from + 3 * row + 2);
        Store(p0 - r0, p1 - r1, p2 - r2, p3 - r3, to, plane);
        Store(q0 + r0, q1 + r1, q2 + r2, q3 + r3, to + 4 * plane, plane);
        Store(r0 - q0, r1 - q1, r2 - q2, r3 - q3, to + 8 * plane, plane);
        Store(q0 - s0, q1 - s1, q2 - s2, q3 - s3, to + 12 * plane, plane);
    }

    /// <summary>One row of the 4x4 values: target[column][channel][tile].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void InputTransformRow(ReadOnlySpan<Strip> strips, Planes.Filled maps, int channels, int row, float* target,
        nint pitch, nint plane)
    {
        var (one, other) = row switch { 0 => (0, 2), 1 => (1, 2), 2 => (2, 1), _ => (1, 3) };
        var sign = Vector512.Create(row == 1 ? 1f : -1f);
        for (var c = 0; c < channels; c++, target += pitch)
            foreach (ref readonly var strip in strips)
            {
                var from = Source(strip, maps, c) + one * planes.Pitch;
                var step = (other - one) * planes.Pitch;
                for (var i = 0; i < strip.Count; i += Lanes.Count, from += 2 * Lanes.Count)
                {
                    var (p0, p1) = Lanes.Unzip(from);
                    var (p2, p3) = Lanes.Unzip(from + 2);
                    var (q0, q1) = Lanes.Unzip(from + step);
                    var (q2, q3) = Lanes.Unzip(from + step + 2);
                    Store(p0 + q0 * sign, p1 + q1 * sign, p2 + q2 * sign, p3 + q3 * sign, target + strip.At + i, plane);
                }
            }
    }

    float* Source(in Strip strip, Planes.Filled maps, int channel) => maps.Data + strip.Image * maps.ImageSize
        + (nint)channel * ChannelSize + 2 * (strip.Row * planes.Pitch + strip.Column);

    /// <summary>A row of B'd times B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector512<float> p, Vector512<float> q, Vector512<float> r, Vector512<float> s, float* to,
        nint plane)
    {
        (p - r).Store(to);
        (q + r).Store(to + plane);
        (r - q).Store(to + 2 * plane);
        (q - s).Store(to + 3 * plane);
    }
}
