namespace OnnxTimm.Train;

/// <summary>
/// The gradients of a convolution of X [N, C, H, W] by W [M, C/g, kH, kW]. Several forms give the same values; which
/// one is taken follows times measured on the CPU provider.
/// </summary>
public static partial class Fused
{
    static Value[] DefineConvInputGrad(Node n, Value?[] inputs) =>
        [StandardInputGrad(n.Out.Shape, inputs[1]!, inputs[0]!, ConvSpec.Of(n))];

    static Value[] DefineConvWeightGrad(Node n, Value?[] inputs) =>
        [StandardWeightGrad(inputs[0]!, n.Out.Shape, inputs[1]!, ConvSpec.Of(n))];

    static Value StandardInputGrad(Shape x, Value w, Value dy, ConvSpec spec) =>
        IsPointwise(w.Shape, spec) ? dy.Conv(w.Transpose(1, 0, 2, 3), null, spec)
        : spec.Group > 1 && spec.Strides.All(s => s == 1) ? ByFlippedKernel(w, dy, spec)
        : dy.ConvTranspose(w, null, spec, OutputPadding(x, w.Shape, spec));

    static Value StandardWeightGrad(Value x, Shape w, Value dy, ConvSpec spec)
    {
        if (IsPointwise(w, spec))
            return Products(dy, x, w, spec.Group).ReduceSum([0], keepDims: false).Reshape(w);
        var (k, big) = (w[2].Size, dy.Shape[2].Size >= 28);
        var depthwise = w[1] == 1 && spec.Group > 1;
        var wide = spec.Strides[0] > 1 || k >= 5;
        if (x.Shape.Rank != 4 || (depthwise && wide) || x.Channels <= 4 || spec.Strides[0] == k)
            return ByRoleSwap(x, w, dy, spec);
        return depthwise || (big && spec.Strides[0] == 1) ? ByTaps(x, w, dy, spec) : ByColumns(x, w, dy, spec);
    }

    static bool IsPointwise(Shape w, ConvSpec spec) => w.Rank == 4 && w[2] == 1 && w[3] == 1
        && spec.Group == 1 && spec.Strides.All(s => s == 1) && spec.Pads.All(p => p == 0);

    /// <summary>
    /// Rows and columns at the end of X that no window reached: a transposed convolution must be told of them.
    /// </summary>
    static long[] OutputPadding(Shape x, Shape w, ConvSpec spec)
    {
        var rank = spec.Strides.Length;
        return [.. Enumerable.Range(0, rank).Select(i => (x[i + 2].Size + spec.Pads[i] + spec.Pads[i + rank]
            - spec.Dilations[i] * (w[i + 2].Size - 1) - 1) % spec.Strides[i])];
    }

    /// <summary>
    /// At stride 1 dX is a convolution by the kernel turned about, its channels exchanged within each group.
    /// </summary>
    static Value ByFlippedKernel(Value w, Value dy, ConvSpec spec)
    {
        var (g, kh, kw) = (spec.Group, w.Shape[2].Size, w.Shape[3].Size);
        var flipped = w.Slice([2, 3], [-1, -1], [long.MinValue, long.MinValue], [-1, -1]);
        if (w.Shape[1] != 1 || w.Shape[0] != g)
            flipped = flipped.Reshape(g, w.Shape[0] / g, w.Shape[1], kh, kw).Transpose(0, 2, 1, 3, 4)
                .Reshape(w.Shape[1] * g, w.Shape[0] / g, kh, kw);
        var span = new[] { spec.Dilations[0] * (kh - 1), spec.Dilations[1] * (kw - 1) };
        return dy.Conv(flipped, null, spec with { Pads = [.. spec.Pads.Select((p, i) => span[i % 2] - p)] });
    }

    /// <summary>
    /// dW[m, c, i, j] is the sum over n, y, x of X[n, c, s y + d i - p, s x + d j - p] dY[n, m, y, x]. This is ONNX's
    /// Conv once more, in other roles: the images n are its input channels, c counts its batch and m its output
    /// channels; dY is its kernel, whose taps (y, x) lie a stride s apart, and (i, j) is its output position, which
    /// moves in steps of the dilation d. So strides and dilations change places, and pads stay. Where X has rows
    /// behind its last window the result has more rows than W, which are cut off.
    /// </summary>
    static Value ByRoleSwap(Value x, Shape w, Value dy, ConvSpec spec)
    {
        var swapped = new ConvSpec(spec.Dilations, spec.Pads, spec.Strides, spec.Group);
        var dw = ImagesAsChannels(x, spec.Group).Conv(ImagesAsChannels(dy, 1), null, swapped);
        var size = w.Skip(2).ToArray();
        if (!dw.Shape.Skip(2).SequenceEqual(size))
            dw = dw.Slice(dw.Shape.AxesFrom(2), new long[size.Length], [.. size.Select(d => d.Size)]);
        return dw.Transpose([1, 0, .. dw.Shape.AxesFrom(2)]);
    }

    /// <summary>[N, g C, ...] as [C, g N, ...], in which the images of a group stand together.</summary>
    static Value ImagesAsChannels(Value x, long g)
    {
        if (g == 1)
            return x.Transpose([1, 0, .. x.Shape.AxesFrom(2)]);
        var (images, channels, spatial) = (x.Shape[0], x.Shape[1] / g, x.Shape.Skip(2).ToArray());
        var groups = x.Reshape(new Shape([images, g, channels, .. spatial]));
        return groups.Transpose([2, 1, 0, .. groups.Shape.AxesFrom(3)])
            .Reshape(new Shape([channels, images * g, .. spatial]));
    }

    /// <summary>dW as one small product a tap of the kernel, with no buffer of columns.</summary>
    static Value ByTaps(Value x, Shape w, Value dy, ConvSpec spec)
    {
        var taps = Shifts(x, w, dy, spec)
            .Select(shift => Products(dy, shift, w, spec.Group).ReduceSum([0], keepDims: false).Unsqueeze(3)).ToArray();
        return taps.Concat(3).Reshape(w);
    }

    /// <summary>dW as one product with all columns (im2col).</summary>
    static Value ByColumns(Value x, Shape w, Value dy, ConvSpec spec)
    {
        var shifts = Shifts(x, w, dy, spec).Select(s => s.Unsqueeze(2)).ToArray().Concat(2);
        var merged = shifts.Reshape(shifts.Shape[0], shifts.Shape[1] * shifts.Shape[2], shifts.Shape[3],
            shifts.Shape[4]);
        return Products(dy, merged, w, spec.Group).ReduceSum([0], keepDims: false).Reshape(w);
    }

    /// <summary>dY X' within each group: [N, g, M/g, L] by [N, g, K/g, L] gives [N, g, M/g, K/g].</summary>
    static Value Products(Value dy, Value x, Shape w, long g)
    {
        var a = dy.Reshape(dy.Shape[0], g, w[0] / g, dy.Shape[2] * dy.Shape[3]);
        var b = x.Reshape(x.Shape[0], g, x.Shape[1] / g, x.Shape[2] * x.Shape[3]);
        return a.MatMul(b.Transpose(0, 1, 3, 2));
    }

    /// <summary>What each tap of the kernel saw: X padded, shifted and subsampled to the size of dY.</summary>
    static IEnumerable<Value> Shifts(Value x, Shape w, Value dy, ConvSpec spec)
    {
        var padded = x.Pad([0, 0, spec.Pads[0], spec.Pads[1], 0, 0, spec.Pads[2], spec.Pads[3]]);
        for (var i = 0L; i < w[2].Size; i++)
            for (var j = 0L; j < w[3].Size; j++)
            {
                long[] starts = [i * spec.Dilations[0], j * spec.Dilations[1]];
                yield return padded.Slice([2, 3], starts,
                [
                    starts[0] + (dy.Height - 1) * spec.Strides[0] + 1,
                    starts[1] + (dy.Width - 1) * spec.Strides[1] + 1,
                ], spec.Strides);
            }
    }
}
