using System.Runtime.CompilerServices;

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
    /// Copies the runs of each plane to a row of a panel: panel[k][at + i] = planes[source + offset[k] + i].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<Run> runs, Planes.Filled planes, int* offsets, int depth, float* panel,
        int width)
    {
        foreach (ref readonly var run in runs)
        {
            float* from = planes.Data + run.Source, to = panel + run.At;
            for (var (k, count) = (0, run.Count); k < depth; k++, to += width)
                Strided.Copy(from + offsets[k], to, count);
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
