namespace OnnxTimm.Passes;

/// <summary>
/// The sum of two convolutions of one source is a convolution: each tap reads the source at stride * o - pad + dilation
/// * j, and the window of the sum spans the taps of both. Beyond the source all of them read zeros. The groups of the
/// sum are those that both are made of.
/// </summary>
static class ConvSum
{
    /// <summary>
    /// Null where strides, dilations or sizes differ, where one window's taps lie between the other's, and where the
    /// sum would have a larger kernel than both together: it would cost more than it saves.
    /// </summary>
    public static LinearMap? Of(LinearMap a, LinearMap b, double sign)
    {
        var (p, q) = (a.Spec!, b.Spec!);
        if (a.Bias.Length != b.Bias.Length || !p.Strides.SequenceEqual(q.Strides)
            || Axes(a, b) is not { } axes || axes.Any(axis => axis is null))
            return null;
        var spans = axes.Select(axis => axis!.Value).ToArray();
        var group = Gcd(p.Group, q.Group);
        var perGroup = a.Layout.Shape[1] * p.Group / group;
        long[] shape = [a.Bias.Length, perGroup, .. spans.Select(s => s.Size)];
        var layout = KernelLayout.OfConv(shape);
        return layout.Count > a.Parts + b.Parts && (a.Base is not null || b.Base is not null) ? null : a with
        {
            Spec = new(p.Strides, [.. spans.Select(s => s.Before), .. spans.Select(s => s.After)],
                [.. spans.Select(s => s.Dilation)], group),
            Layout = layout,
            Kernel = () =>
            {
                var sum = new double[layout.Count];
                Spread(a, sum, shape, group, spans, 1);
                Spread(b, sum, shape, group, spans, sign);
                return sum;
            },
        };
    }

    /// <summary>The window of the sum along an axis.</summary>
    readonly record struct Span(long Size, long Before, long After, long Dilation);

    static Span?[]? Axes(LinearMap a, LinearMap b)
    {
        var rank = a.Spec!.Strides.Length;
        return b.Spec!.Strides.Length != rank ? null
            : [.. Enumerable.Range(0, rank).Select(i => Along(At(a, i), At(b, i)))];
    }

    static Span? Along(Span a, Span b)
    {
        var dilation = a.Size == 1 ? b.Dilation : a.Dilation;
        if ((b.Size > 1 && b.Dilation != dilation) || (a.Before - b.Before) % dilation != 0)
            return null;
        var before = Math.Max(a.Before, b.Before);
        var end = Math.Max(End(a), End(b));
        var size = (end + before) / dilation + 1;
        // The room for the last window is that of both, which count the same windows.
        var after = Math.Max(a.After - End(a), b.After - End(b)) + end;
        return after < 0 ? null : new(size, before, after, dilation);

        static long End(Span s) => s.Dilation * (s.Size - 1) - s.Before;
    }

    static Span At(LinearMap map, int axis)
    {
        var spec = map.Spec!;
        return new(map.Layout.Shape[axis + 2], spec.Pads[axis], spec.Pads[axis + spec.Strides.Length],
            spec.Dilations[axis]);
    }

    /// <summary>Adds a kernel to a larger one, each element at its channel and tap.</summary>
    static void Spread(LinearMap map, double[] sum, long[] shape, long group, Span[] spans, double sign)
    {
        var (kernel, from) = (map.Kernel(), map.Layout.Shape);
        var at = new long[from.Length];
        for (var i = 0; i < kernel.Length; i++)
        {
            var rest = (long)i;
            for (var axis = from.Length - 1; axis >= 0; axis--)
                (at[axis], rest) = (rest % from[axis], rest / from[axis]);
            var input = at[0] / (from[0] / map.Spec!.Group) * from[1] + at[1];
            var to = at[0] * shape[1] + input - at[0] / (shape[0] / group) * shape[1];
            for (var axis = 0; axis < spans.Length; axis++)
            {
                var shift = (spans[axis].Before - map.Spec.Pads[axis]) / spans[axis].Dilation;
                to = to * shape[axis + 2] + at[axis + 2] + shift;
            }
            sum[to] += sign * kernel[i];
        }
    }

    static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
