namespace OnnxTimm.Train;

/// <summary>
/// The gradients of a convolution of X [N, C, H, W] by W [M, C/g, kH, kW]: ConvInputGrad(dy, w), ConvWeightGrad(x, dy).
/// Several forms give the same values; which one is taken follows times measured on the CPU provider.
/// </summary>
public static partial class Fused
{
    /// <summary>One gradient from the other operand (W for dX, X for dW) and dY.</summary>
    delegate Value ConvForm(ConvShapes c, Value other, Value dy);

    /// <summary>
    /// The form of dX is that of the first row that fits. Beside it a layer and what decided: milliseconds of
    /// ConvTranspose and of Conv on two cores with a batch of 8, give or take a half.
    /// </summary>
    static readonly (Func<ConvShapes, bool> Fits, ConvForm Form)[] InputForms =
    [
        (c => c.IsPointwise, ByTransposedKernel),                    // 1x1, 256 to 64 at 56 px: 10, 4.5
        (c => !c.IsOfImages, ByConvTranspose),                       // the next is for images only
        (c => c.Spec.Group > 1 && c.IsUnitStride, ByFlippedKernel),  // 7x7 depthwise, 96 at 56 px: 51-146, 12-18
        (_ => true, ByConvTranspose),                                // 7x7 stride 2, 3 to 64 at 224 px: 21, 266
    ];

    /// <summary>The same for dW: milliseconds of the role swap, of taps and of columns.</summary>
    static readonly (Func<ConvShapes, bool> Fits, ConvForm Form)[] WeightForms =
    [
        (c => c.IsPointwise, ByProduct),                             // 1x1, 256 to 64 at 56 px: 88, 5, 5
        (c => !c.IsOfImages, ByRoleSwap),                            // the others are for images only
        (c => c.IsDepthwise && c.Kernel >= 5, ByRoleSwap),           // 5x5, 240 at 28 px: 22, 63, 34
        (c => c.IsDepthwise && c.Stride > 1, ByRoleSwap),            // 3x3 stride 2, 144 at 56 px: 10, 20, 17
        (c => c.Channels <= 4, ByRoleSwap),                          // 7x7 stride 2, 3 to 64 at 224 px: 26, 103, 33
        (c => c.Stride == c.Kernel, ByRoleSwap),                     // 16x16 stride 16, 3 to 384: 8, 43, 12
        (c => c.IsDepthwise, ByTaps),                                // 3x3, 144 at 56 px: 36, 18, 31
        (c => c.Stride == 1 && c.Height >= 28, ByTaps),              // 3x3, 64 to 64 at 56 px: 56-151, 16, 21
        (_ => true, ByColumns),                                      // 3x3, 256 to 256 at 14 px: 24-47, 19, 14
    ];

    static Value[] DefineConvInputGrad(Node n, Value?[] inputs)
    {
        var (dy, w) = (inputs[0]!, inputs[1]!);
        var shapes = new ConvShapes(n.Out.Shape, w.Shape, dy.Shape, ConvSpec.Of(n));
        return [InputForms.First(row => row.Fits(shapes)).Form(shapes, w, dy)];
    }

    static Value[] DefineConvWeightGrad(Node n, Value?[] inputs)
    {
        var (x, dy) = (inputs[0]!, inputs[1]!);
        var shapes = new ConvShapes(x.Shape, n.Out.Shape, dy.Shape, ConvSpec.Of(n));
        return [WeightForms.First(row => row.Fits(shapes)).Form(shapes, x, dy)];
    }

    /// <summary>What the choice of a form depends on.</summary>
    sealed record ConvShapes(Shape X, Shape W, Shape Y, ConvSpec Spec)
    {
        public long Channels => X[1].Size;

        /// <summary>Rows of Y.</summary>
        public long Height => Y[2].Size;

        public long Kernel => W[2].Size;

        public long Stride => Spec.Strides[0];

        /// <summary>Two spatial axes.</summary>
        public bool IsOfImages => X.Rank == 4;

        public bool IsUnitStride => Spec.Strides.All(s => s == 1);

        public bool IsDepthwise => W[1] == 1 && Spec.Group > 1;

        /// <summary>A product of matrices and nothing else.</summary>
        public bool IsPointwise => IsOfImages && W[2] == 1 && W[3] == 1 && Spec.Group == 1 && IsUnitStride
            && Spec.Pads.All(p => p == 0);
    }

    static Value ByTransposedKernel(ConvShapes c, Value w, Value dy) =>
        dy.Conv(w.Transpose(1, 0, 2, 3), null, c.Spec);

    static Value ByConvTranspose(ConvShapes c, Value w, Value dy) =>
        dy.ConvTranspose(w, null, c.Spec, OutputPadding(c));

    /// <summary>
    /// Rows and columns at the end of X that no window reached: a transposed convolution must be told of them.
    /// </summary>
    static long[] OutputPadding(ConvShapes c)
    {
        var (strides, pads, dilations, _) = c.Spec;
        var rank = strides.Length;
        return [.. Enumerable.Range(0, rank).Select(i => (c.X[i + 2].Size + pads[i] + pads[i + rank]
            - dilations[i] * (c.W[i + 2].Size - 1) - 1) % strides[i])];
    }

    /// <summary>
    /// At stride 1 dX is a convolution by the kernel turned about, its channels exchanged within each group.
    /// </summary>
    static Value ByFlippedKernel(ConvShapes c, Value w, Value dy)
    {
        var (g, kh, kw) = (c.Spec.Group, c.W[2].Size, c.W[3].Size);
        var flipped = w.Slice([2, 3], [-1, -1], [long.MinValue, long.MinValue], [-1, -1]);
        if (c.W[1] != 1 || c.W[0] != g)
            flipped = flipped.Reshape(g, c.W[0] / g, c.W[1], kh, kw).Transpose(0, 2, 1, 3, 4)
                .Reshape(c.W[1] * g, c.W[0] / g, kh, kw);
        var span = new[] { c.Spec.Dilations[0] * (kh - 1), c.Spec.Dilations[1] * (kw - 1) };
        return dy.Conv(flipped, null, c.Spec with { Pads = [.. c.Spec.Pads.Select((p, i) => span[i % 2] - p)] });
    }

    /// <summary>
    /// dW[m, c, i, j] is the sum over n, y, x of X[n, c, s y + d i - p, s x + d j - p] dY[n, m, y, x]. This is ONNX's
    /// Conv once more, in other roles: the images n are its input channels, c counts its batch and m its output
    /// channels; dY is its kernel, whose taps (y, x) lie a stride s apart, and (i, j) is its output position, which
    /// moves in steps of the dilation d. So strides and dilations change places, and pads stay. Where X has rows
    /// behind its last window the result has more rows than W, which are cut off.
    /// </summary>
    static Value ByRoleSwap(ConvShapes c, Value x, Value dy)
    {
        var swapped = new ConvSpec(c.Spec.Dilations, c.Spec.Pads, c.Spec.Strides, c.Spec.Group);
        var dw = ImagesAsChannels(x, c.Spec.Group).Conv(ImagesAsChannels(dy, 1), null, swapped);
        var size = c.W.Skip(2).ToArray();
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

    /// <summary>dW of a 1x1 kernel as one product.</summary>
    static Value ByProduct(ConvShapes c, Value x, Value dy) => Product(c, dy, x).Reshape(c.W);

    /// <summary>dW as one small product a tap of the kernel, with no buffer of columns.</summary>
    static Value ByTaps(ConvShapes c, Value x, Value dy) =>
        Shifts(c, x).Select(shift => Product(c, dy, shift).Unsqueeze(3)).ToArray().Concat(3).Reshape(c.W);

    /// <summary>dW as one product with all columns (im2col).</summary>
    static Value ByColumns(ConvShapes c, Value x, Value dy)
    {
        var shifts = Shifts(c, x).Select(s => s.Unsqueeze(2)).ToArray().Concat(2);
        var merged = shifts.Reshape(shifts.Shape[0], shifts.Shape[1] * shifts.Shape[2], shifts.Shape[3],
            shifts.Shape[4]);
        return Product(c, dy, merged).Reshape(c.W);
    }

    /// <summary>dY X' within each group, summed over images: [N, g M, ...] by [N, g K, ...] gives [g, M, K].</summary>
    static Value Product(ConvShapes c, Value dy, Value x)
    {
        var g = c.Spec.Group;
        var a = dy.Reshape(dy.Shape[0], g, c.W[0] / g, dy.Shape[2] * dy.Shape[3]);
        var b = x.Reshape(x.Shape[0], g, x.Shape[1] / g, x.Shape[2] * x.Shape[3]);
        return a.MatMul(b.Transpose(0, 1, 3, 2)).ReduceSum([0], keepDims: false);
    }

    /// <summary>What each tap of the kernel saw: X padded, shifted and subsampled to the size of Y.</summary>
    static IEnumerable<Value> Shifts(ConvShapes c, Value x)
    {
        var (strides, pads, dilations, _) = c.Spec;
        var padded = x.Pad([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]]);
        for (var i = 0L; i < c.W[2].Size; i++)
            for (var j = 0L; j < c.W[3].Size; j++)
            {
                long[] starts = [i * dilations[0], j * dilations[1]];
                yield return padded.Slice([2, 3], starts,
                [
                    starts[0] + (c.Y[2].Size - 1) * strides[0] + 1,
                    starts[1] + (c.Y[3].Size - 1) * strides[1] + 1,
                ], strides);
            }
    }
}
