using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Operators that some targets lack, by those that all of them have.</summary>
static class PlainForms
{
    /// <summary>Slices beyond that many are no longer an index.</summary>
    const int MostSlices = 256;

    public static bool HasConstant(Node n) => n.In.Any(v => v!.Data is not null);

    public static bool CountsPads(Node n) =>
        n.Int("count_include_pad") == 1 && n.Ints("pads")?.Any(p => p != 0) == true;

    public static Value[] Reshaped(Node n, Rewrite to) => [to[n[0]].Reshape(n.Out.Shape)];

    public static Value[] Tile(Node n, Rewrite to) => [n.ConstInts(1)!.Index().Aggregate(to[n[0]], (x, repeat) =>
        Enumerable.Repeat(x, (int)repeat.Item).ToArray().Concat(repeat.Index))];

    /// <summary>Runs of indices are slices.</summary>
    public static Value[]? Gather(Node n, Rewrite to)
    {
        if (n[1].Data?.ToInts() is not { } indices || n[0].Data is not null)
            return null;
        var axis = n[0].Shape.Axis(n.Int("axis"));
        var size = n[0].Shape[axis].Size;
        var runs = Runs(indices.Select(i => i < 0 ? i + size : i)).ToArray();
        return runs.Length > MostSlices ? null
            : [runs.Select(run => to[n[0]].Slice(axis, run.Start, run.End)).ToArray().Concat(axis)
                .Reshape(n.Out.Shape)];
    }

    public static bool CountsFromEnd(Node n) => n[1].Data?.ToInts().Any(i => i < 0) == true;

    public static Value[] FromFront(Node n, Rewrite to)
    {
        var size = n[0].Shape[n[0].Shape.Axis(n.Int("axis"))].Size;
        long[] indices = [.. n[1].Data!.ToInts().Select(i => i < 0 ? i + size : i)];
        return to.Copy(n, [to[n[0]], to.Target.Const(Tensor.Of(indices, n[1].Shape.Sizes))]);
    }

    public static Value[]? Expand(Node n, Rewrite to) => n[0].Shape.Equals(n.Out.Shape) ? [to[n[0]]] : null;

    public static Value[]? Limit(Node n, Rewrite to)
    {
        var (x, limit) = n[1].Data is null ? (n[1], n[0]) : (n[0], n[1]);
        if (limit.Shape.Count != 1 || !x.Shape.Equals(n.Out.Shape))
            return null;
        var number = limit.Data!.ToFloats()[0];
        return [n.Op == "Max" ? to[x].Clip(number, float.MaxValue) : to[x].Clip(float.MinValue, number)];
    }

    public static Value[] PadFirst(Node n, Rewrite to)
    {
        var pads = n.Ints("pads")!;
        var half = pads.Length / 2;
        var padded = to[n[0]].Pad([0, 0, .. pads[..half], 0, 0, .. pads[half..]]);
        return to.Copy(n, [padded], ("pads", new long[pads.Length]), ("count_include_pad", null));
    }

    public static Value[] HardSigmoid(Node n, Rewrite to) =>
        [(to[n[0]] * n.Float("alpha", 0.2f) + n.Float("beta", 0.5f)).Clip(0, 1)];

    public static Value[] Reciprocal(Node n, Rewrite to) => [1 / to[n[0]]];

    public static Value[] ReduceL2(Node n, Rewrite to)
    {
        var x = to[n[0]];
        return [(x * x).ReduceSum(n.ConstInts(1) ?? n.Ints("axes"), n.Int("keepdims", 1) == 1).Sqrt()];
    }

    static IEnumerable<(long Start, long End)> Runs(IEnumerable<long> indices)
    {
        (long Start, long End)? run = null;
        foreach (var i in indices)
            if (run is { } known && known.End == i)
                run = (known.Start, i + 1);
            else
            {
                if (run is { } done)
                    yield return done;
                run = (i, i + 1);
            }
        if (run is { } last)
            yield return last;
    }
}
