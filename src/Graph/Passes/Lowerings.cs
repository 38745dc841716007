namespace OnnxTimm.Passes;

/// <summary>Forms of operators, written as older opsets have them; <see cref="OperatorForms"/> says which.</summary>
static class Lowerings
{
    public static NodeRule Without(string attribute) => (n, to) => to.Copy(n, null, (attribute, null));

    public static Value[] Axes(Node n, Rewrite to) => to.Copy(n, [to[n[0]]], ("axes", n.ConstInts(1)));

    public static Value[] Split(Node n, Rewrite to) => to.Copy(n, [to[n[0]]], ("split", n.ConstInts(1)));

    public static Value[] Slice(Node n, Rewrite to) => to.Copy(n, [to[n[0]]], ("starts", n.ConstInts(1)),
        ("ends", n.ConstInts(2)), ("axes", n.ConstInts(3)?.Select(a => (long)n[0].Shape.Axis(a)).ToArray()));

    public static Value[] Clip(Node n, Rewrite to) =>
        to.Copy(n, [to[n[0]]], ("min", Number(n, 1)), ("max", Number(n, 2)));

    public static Value[] Pad(Node n, Rewrite to) =>
        to.Copy(n, [to[n[0]]], ("pads", n.ConstInts(1)), ("value", Number(n, 2)));

    public static Value[] PadAllAxes(Node n, Rewrite to)
    {
        var (given, axes, rank) = (n.ConstInts(1)!, n.ConstInts(3)!, n[0].Shape.Rank);
        var pads = new long[2 * rank];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = n[0].Shape.Axis(axes[i]);
            (pads[axis], pads[axis + rank]) = (given[i], given[i + axes.Length]);
        }
        return to.Copy(n, [to[n[0]], to.Target.Const(Tensor.Ints(pads)), n.Has(2) ? to[n[2]] : null]);
    }

    public static Value[] PositiveAxis(Node n, Rewrite to) =>
        to.Copy(n, null, ("axis", n[0].Shape.Axis(n.Int("axis"))));

    public static Value[] PositiveAxes(Node n, Rewrite to)
    {
        var rank = n.Op == "Unsqueeze" ? n.Out.Shape.Rank : n[0].Shape.Rank;
        return to.Copy(n, null, ("axes", Array.ConvertAll(n.Ints("axes")!, a => a < 0 ? a + rank : a)));
    }

    /// <summary>Only one rule of coordinates reads the region of interest: any other takes an empty one.</summary>
    public static Value[] Roi(Node n, Rewrite to) => to.Copy(n,
        [to[n[0]], to.Target.Const(Tensor.Of<float>([], 0)), .. n.In.Skip(2).Select(v => v is null ? null : to[v])]);

    /// <summary>Opset 10 has that one rule, and no region of interest.</summary>
    public static Value[] RepeatPixels(Node n, Rewrite to) => to.Copy(n, [to[n[0]], to[n[2]]],
        ("coordinate_transformation_mode", null), ("nearest_mode", null));

    public static Value[] GemmOffset(Node n, Rewrite to) =>
        to.Copy(n, [to[n[0]], to[n[1]], to.Target.Const(Tensor.Of([0f], 1))]);

    /// <summary>Up to opset 12 all axes from the named one on are one axis: the named one becomes the last.</summary>
    public static Value[] AlongLast(Node n, Rewrite to)
    {
        var last = n[0].Shape.Rank - 1;
        var axis = n[0].Shape.Axis(n.Int("axis", -1));
        long[] swap = [.. Enumerable.Range(0, last + 1).Select(a => (long)(a == axis ? last : a == last ? axis : a))];
        var swapped = to[n[0]].Transpose(swap);
        return [(n.Op == "Softmax" ? swapped.Softmax(last) : swapped.LogSoftmax(last)).Transpose(swap)];
    }

    public static Value[] Shape(Node n, Rewrite to)
    {
        var rank = n[0].Shape.Rank;
        var (start, end) = (n.Int("start"), n.Int("end", rank));
        var from = (int)Math.Clamp(start < 0 ? start + rank : start, 0, rank);
        var before = (int)Math.Clamp(end < 0 ? end + rank : end, 0, rank);
        var axes = Enumerable.Range(from, Math.Max(0, before - from)).Select(i => (long)i);
        return [to[n[0]].ShapeOf().Gather([.. axes])];
    }

    /// <summary>The part of the last window that hangs over becomes padding, which a pool leaves out as well.</summary>
    public static Value[] Ceil(Node n, Rewrite to)
    {
        var kernel = n.Ints("kernel_shape")!;
        var rank = kernel.Length;
        var (strides, dilations) = (n.Ints("strides", rank, 1), n.Ints("dilations", rank, 1));
        var pads = n.Ints("pads", 2 * rank, 0).ToArray();
        for (var i = 0; i < rank; i++)
        {
            var needed = (n.Out.Shape[i + 2].Size - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1;
            pads[i + rank] = Math.Max(pads[i + rank], needed - n[0].Shape[i + 2].Size - pads[i]);
        }
        return to.Copy(n, null, ("pads", pads), ("ceil_mode", null), ("count_include_pad", null));
    }

    static float? Number(Node n, int input) => n.Has(input) ? n[input].Data!.ToFloats()[0] : null;
}
