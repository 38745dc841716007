using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The pixels of a batch of maps as one long row, of which panels are cut: a panel holds what is a pixel and nothing
/// between rows or behind images, and lies in memory as a tile reads it.
/// </summary>
/// <param name="height">Rows of a map.</param>
/// <param name="width">Columns of a map.</param>
/// <param name="pitch">Floats between the rows in the planes that pixels are computed from.</param>
/// <param name="isFlat">Rows follow each other without a gap where they are read and where they are written.</param>
sealed unsafe class PixelRuns(int height, int width, int pitch, bool isFlat)
{
    /// <summary>Floats behind a panel that packing may write.</summary>
    public const int Slack = 8;

    readonly int columns = isFlat ? height * width : width;

    /// <summary>Pixels of a map.</summary>
    public int Area => height * width;

    /// <summary>Cuts pixels into runs.</summary>
    /// <param name="first">The first pixel.</param>
    /// <param name="count">How many.</param>
    /// <param name="imageSize">Floats between images of the planes.</param>
    /// <param name="target">Where pixels lie in the output.</param>
    /// <param name="runs">Room for as many runs as there are pixels.</param>
    /// <returns>The runs that there are.</returns>
    public Span<Run> Cut(long first, int count, long imageSize, Target target, Span<Run> runs)
    {
        var n = 0;
        for (var at = 0; at < count; at += runs[n++].Count)
        {
            var (image, pixel) = Math.DivRem(first + at, Area);
            var (row, column) = Math.DivRem((int)pixel, columns);
            runs[n] = new(at, Math.Min(columns - column, count - at),
                image * imageSize + (long)row * pitch + column,
                image * target.ImageSize + (long)row * target.RowStep + (long)column * target.ColumnStep);
        }
        return runs[..n];
    }

    /// <summary>
    /// Copies the runs of each plane to a row of a panel: panel[k][at + i] = planes[source + offset[k] + i]. What lies
    /// behind the last pixel of a row stays as it is, but for some floats.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<Run> runs, Planes.Filled planes, int* offsets, int depth, float* panel,
        int width)
    {
        for (var k = 0; k < depth; k++, panel += width)
            foreach (ref readonly var run in runs)
            {
                float* from = planes.Data + run.Source + offsets[k], to = panel + run.At;
                if (from + run.Count + Slack > planes.End)
                {
                    new Span<float>(from, run.Count).CopyTo(new(to, run.Count));
                    continue;
                }
                // What is too much is written again by the next run, or lies behind the panel.
                for (var i = 0; i < run.Count; i += Vector256<float>.Count)
                    Vector256.Load(from + i).Store(to + i);
            }
    }

    /// <summary>Neighbours in a row.</summary>
    /// <param name="At">The first, counted from the first pixel of the panel.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Source">Where the first one lies in the planes.</param>
    /// <param name="Target">Where it lies in the output.</param>
    public readonly record struct Run(int At, int Count, long Source, long Target);

    /// <summary>Floats between images, rows and columns of the output.</summary>
    public readonly record struct Target(long ImageSize, int RowStep, int ColumnStep);
}
