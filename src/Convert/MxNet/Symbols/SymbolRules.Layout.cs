namespace OnnxTimm.Conversion;

static partial class SymbolRules
{
    /// <summary>More parts than any network has.</summary>
    const int MostParts = 4096;

    static Value Swapped(this Value x, int a, int b)
    {
        if (a == b)
            return x;
        var perm = x.Shape.AxesFrom(0);
        (perm[a], perm[b]) = (perm[b], perm[a]);
        return x.Transpose(perm);
    }

    static Value SwapAxis(SymbolCall c) =>
        c[0].Swapped(c[0].Shape.Axis(c.Int("dim1", 0)), c[0].Shape.Axis(c.Int("dim2", 0)));

    /// <summary>Without axes their order is turned round.</summary>
    static Value Transpose(SymbolCall c)
    {
        var shape = c[0].Shape;
        long[] axes = c.Ints("axes") is { Length: > 0 } named
            ? [.. named.Select(axis => (long)shape.Axis(axis))]
            : [.. Enumerable.Range(0, shape.Rank).Reverse().Select(axis => (long)axis)];
        return axes.Length == shape.Rank && axes.Distinct().Count() == shape.Rank
            ? c[0].Transpose(axes)
            : throw c.Fault($"axes is {c.Text("axes")}, no order of the axes of {shape}");
    }

    static Value Squeeze(SymbolCall c)
    {
        var x = c[0];
        long[] axes = c.Ints("axis") is { Length: > 0 } named
            ? [.. named.Select(axis => (long)x.Shape.Axis(axis))]
            : [.. x.Shape.Index().Where(d => d.Item == 1).Select(d => (long)d.Index)];
        return axes.All(axis => x.Shape[(int)axis] == 1)
            ? axes.Length == 0 ? x : x.Squeeze(axes)
            : throw c.Fault($"{x.Shape} has another size than 1 at the axes {c.Text("axis")}");
    }

    static Value Concat(SymbolCall c) => Joined(c, c.All, c.Int("dim", 1));

    static Value Stack(SymbolCall c)
    {
        var axis = c.Int("axis", 0);
        return Joined(c, [.. c.All.Select(x => x.Unsqueeze(axis))], axis);
    }

    static Value Joined(SymbolCall c, Value[] parts, long dim)
    {
        var axis = parts[0].Shape.Axis(dim);
        var around = parts[0].Shape.With(axis, 1);
        var odd = parts.FirstOrDefault(p => p.Shape.Rank <= axis || !p.Shape.With(axis, 1).Equals(around));
        return odd is null
            ? parts.Concat(axis)
            : throw c.Fault($"{odd.Shape} cannot be joined to {parts[0].Shape} along the axis {axis}");
    }

    static Value[] SliceChannel(SymbolCall c)
    {
        var (x, count) = (c[0], c.Int("num_outputs"));
        var axis = x.Shape.Axis(c.Int("axis", 1));
        var size = x.Shape[axis].Size;
        if (count is < 1 or > MostParts || size % count != 0)
            throw c.Fault($"an axis of {size} cannot be split into {count} parts");
        var parts = x.Split([.. Enumerable.Repeat(size / count, (int)count)], axis);
        return c.Bool("squeeze_axis") ? [.. parts.Select(p => p.Squeeze(axis))] : parts;
    }

    /// <summary>Python's slices, axis by axis; what is None is left as it is.</summary>
    static Value Slice(SymbolCall c)
    {
        var (begin, end, step) = (c.Maybe("begin") ?? [], c.Maybe("end") ?? [], c.Maybe("step") ?? []);
        if (begin.Length != end.Length || begin.Length > c[0].Shape.Rank
            || (step.Length != 0 && step.Length != begin.Length))
            throw c.Fault($"begin {c.Text("begin")}, end {c.Text("end")} and step {c.Text("step")} do not fit");
        var slices = begin.Zip(end).Select((ends, i) =>
                (Axis: (long)i, Begin: ends.First, End: ends.Second, Step: step.ElementAtOrDefault(i) ?? 1))
            .Where(s => s is not { Begin: null or 0, End: null, Step: 1 }).ToArray();
        return slices.Length == 0 ? c[0] : c[0].Slice(
            [.. slices.Select(s => s.Axis)],
            [.. slices.Select(s => s.Begin ?? (s.Step > 0 ? 0 : long.MaxValue))],
            [.. slices.Select(s => s.End ?? (s.Step > 0 ? long.MaxValue : -long.MaxValue))],
            [.. slices.Select(s => s.Step)]);
    }

    static Value SliceAxis(SymbolCall c)
    {
        var end = c.Text("end") is null ? long.MaxValue : c.Int("end");
        return c[0].Slice(c[0].Shape.Axis(c.Int("axis")), c.Int("begin"), end);
    }

    /// <summary>The first elements, as many as another value has, along all axes or those named.</summary>
    static Value SliceLike(SymbolCall c)
    {
        var (x, like) = (c[0], c[1].Shape);
        var axes = c.Ints("axes") is { Length: > 0 } named
            ? [.. named.Select(axis => (long)x.Shape.Axis(axis))]
            : x.Shape.AxesFrom(0);
        axes = [.. axes.Where(axis => x.Shape[(int)axis] != like[(int)axis])];
        long[] ends = [.. axes.Select(axis => like[(int)axis].Size)];
        return axes.Length == 0 ? x : x.Slice(axes, new long[axes.Length], ends);
    }

    /// <summary>A piece of a map: of a given size or of another map's, at an offset or in the middle.</summary>
    static Value Crop(SymbolCall c)
    {
        var x = c[0];
        var size = c.Count > 1 ? [c[1].Height, c[1].Width] : c.Ints("h_w", 2, 0);
        long[] room = [x.Height - size[0], x.Width - size[1]];
        var offset = c.Bool("center_crop") ? [room[0] / 2, room[1] / 2] : c.Ints("offset", 2, 0);
        return offset[0] <= room[0] && offset[1] <= room[1]
            ? x.Slice([2, 3], offset, [offset[0] + size[0], offset[1] + size[1]])
            : throw c.Fault($"{size[0]} x {size[1]} pixels at ({offset[0]}, {offset[1]}) leave {x.Shape}");
    }

    static readonly Dictionary<string, string> PadModes = new()
    {
        { "constant", "constant" }, { "edge", "edge" }, { "reflect", "reflect" },
    };

    /// <summary>MXNet says before and after axis by axis, ONNX all befores and then all afters.</summary>
    static Value Pad(SymbolCall c)
    {
        var widths = c.Ints("pad_width", 2 * c[0].Shape.Rank, 0);
        long[] pads = [.. widths.Where((_, i) => i % 2 == 0), .. widths.Where((_, i) => i % 2 == 1)];
        return c[0].Pad(pads, c.Choice("mode", null, PadModes), c.Float("constant_value", 0));
    }

    static Value Tile(SymbolCall c)
    {
        var (x, reps) = (c[0], c.Ints("reps") ?? []);
        if (reps.Any(r => r < 1))
            throw c.Fault($"reps is {c.Text("reps")}, where positive integers are expected");
        var rank = Math.Max(reps.Length, x.Shape.Rank);
        return x.Reshape(new Shape([.. Enumerable.Repeat((Dim)1, rank - x.Shape.Rank), .. x.Shape]))
            .Tile([.. Enumerable.Repeat(1L, rank - reps.Length), .. reps]);
    }
}
