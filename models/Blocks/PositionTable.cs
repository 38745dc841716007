namespace OnnxTimm.Models;

/// <summary>
/// A learned table of positions that is resampled to the rows and columns of an image's patches (timm's NaFlexEmbeds).
/// Parameter <c>pos_embed</c>, or <c>pos_embed_y</c> and <c>pos_embed_x</c>.
/// </summary>
/// <param name="By">How it is resampled.</param>
/// <param name="Side">Rows and columns of the table.</param>
public sealed record PositionTable(Resampling By, int Side = 16)
{
    /// <summary>
    /// The upper left of a square as long as the longer side, so that patches stay as far apart on both axes.
    /// </summary>
    public bool KeepsAspect { get; init; }

    /// <summary>The sum of a position by row and one by column.</summary>
    public bool IsFactored { get; init; }

    bool IsAntialiased => By == Resampling.BicubicAntialiased || By == Resampling.BilinearAntialiased;

    /// <summary>Positions of all patches of an image [1, h * w, D], row by row.</summary>
    public Value Of(Scope s, int dim, (int H, int W) grid)
    {
        var longer = Math.Max(grid.H, grid.W);
        var (h, w) = KeepsAspect ? (longer, longer) : grid;
        var map = IsFactored
            ? Line(s, "pos_embed_y", dim, Side, 1).Resample(h, 1, By).CropMap(grid.H, 1)
                + Line(s, "pos_embed_x", dim, 1, Side).Resample(1, w, By).CropMap(1, grid.W)
            : Table(s, dim).As(Layout.ChannelsLast).ChannelsFirst().Resample(h, w, By).CropMap(grid.H, grid.W);
        return map.ToTokens();
    }

    /// <summary>Positions of patches of any images [N, L, D]; those of padding mean nothing.</summary>
    public Value Of(Scope s, int dim, PatchInput patches)
    {
        var grid = patches.Grid;
        Value Length(int axis) => KeepsAspect ? grid.ReduceMax([2]) : grid.Slice(2, axis, axis + 1);
        Axis[] axes = [.. Enumerable.Range(0, 2)
            .Select(axis => new Axis(patches.Places.Slice(2, axis, axis + 1), Length(axis)))];
        if (IsFactored)
            return Between(Rows(s, "pos_embed_y", dim), axes[0]) + Between(Rows(s, "pos_embed_x", dim), axes[1]);
        var table = Table(s, dim).Reshape(Side * Side, dim);
        return IsAntialiased ? Weights(axes).MatMul(table)
            : (from y in Neighbours(axes[0])
               from x in Neighbours(axes[1])
               select table.Gather(Index(y.Sample * Side + x.Sample)) * (y.Weight * x.Weight))
                .Aggregate((a, b) => a + b);
    }

    /// <summary>
    /// A table [side, D] where the patches lie along one axis: [N, L, D]. A sample weighs the less the farther off it
    /// is, up to its neighbour.
    /// </summary>
    Value Between(Value rows, Axis axis) => (1 - (Place(axis) - Samples(rows.Graph)).Abs()).Max(0).MatMul(rows);

    /// <summary>The two samples of a side next to each patch, as float32 [N, L, 1], and what they weigh.</summary>
    (Value Sample, Value Weight)[] Neighbours(Axis axis)
    {
        var place = Place(axis);
        var first = place.Floor();
        var rest = place - first;
        return [(first, 1 - rest), ((first + 1).Min(Side - 1), rest)];
    }

    /// <summary>Where each patch lies among the samples of a side, as float32 [N, L, 1].</summary>
    Value Place(Axis axis)
    {
        if (By != Resampling.Bilinear && By != Resampling.BilinearCorners)
            throw new InvalidOperationException($"Positions by {By.Name} have no such form.");
        return (By == Resampling.BilinearCorners
            ? axis.Index * ((Side - 1) / (axis.Length - 1).Max(1))
            : ((axis.Index + 0.5) * (Side / axis.Length) - 0.5).Max(0)).Min(Side - 1);
    }

    Value Samples(Graph graph) =>
        graph.Const(Tensor.Of([.. Enumerable.Range(0, Side).Select(i => (float)i)], Side));

    /// <summary>What each place of the table weighs in each patch: [N, L, side * side].</summary>
    Value Weights(Axis[] axes)
    {
        var samples = Samples(axes[0].Index.Graph);
        Value[] each = [.. axes.Select(axis =>
        {
            var scale = Side / axis.Length;
            return Layers.WidenedWeights(samples, (axis.Index + 0.5) * scale, scale,
                isCubic: By == Resampling.BicubicAntialiased);
        })];
        var both = each[0].Unsqueeze(3) * each[1].Unsqueeze(2);
        return both.Reshape(both.Shape[0], both.Shape[1], Side * Side);
    }

    static Value Index(Value sample) => sample.Squeeze(2).Cast(DType.Int64);

    Value Table(Scope s, int dim) => s.Param("pos_embed", Init.Normal(0.02), 1, Side, Side, dim);

    Value Rows(Scope s, string name, int dim) => s.Param(name, Init.Normal(0.02), 1, Side, dim).Reshape(Side, dim);

    Value Line(Scope s, string name, int dim, int height, int width) => Rows(s, name, dim).Transpose(1, 0)
        .Reshape(1, dim, height, width).As(Layout.ChannelsFirst);

    /// <summary>Number of each patch along a side [N, L, 1], and how many that side has [N, 1, 1].</summary>
    readonly record struct Axis(Value Index, Value Length);
}
