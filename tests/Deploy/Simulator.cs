namespace OnnxTimm.Tests.Deploy;

/// <summary>What an operator between codes gives by definition, in float64: numbers of the codes, operator, codes.</summary>
static class Simulator
{
    /// <summary>The codes that a QuantizeLinear gives, from the codes that the operator before it reads.</summary>
    /// <param name="quantize">The node.</param>
    /// <param name="codesOf">Codes of the quantized tensors that are read.</param>
    public static int[] Codes(Node quantize, Func<Value, byte[]> codesOf)
    {
        var step = quantize[1].Data!.Span<float>()[0];
        var zero = quantize[2].Data!.Span<byte>()[0];
        return [.. Numbers(quantize[0].Producer!, codesOf)
            .Select(x => (int)Math.Clamp(Math.Round(x / step) + zero, 0, 255))];
    }

    static double[] Numbers(Node n, Func<Value, byte[]> codesOf)
    {
        var inputs = n.In.Select(v => Dequantized(v!, codesOf)).ToArray();
        return n.Op switch
        {
            "Conv" => Convolved(n, inputs),
            "Add" => Pairs(n, inputs, (a, b) => a + b),
            "Mul" => Pairs(n, inputs, (a, b) => a * b),
            "Sigmoid" => [.. inputs[0].Select(x => 1 / (1 + Math.Exp(-x)))],
            "GlobalAveragePool" =>
                [.. inputs[0].Chunk(inputs[0].Length / (int)n[0].Shape[1].Size).Select(c => c.Average())],
            "MaxPool" => Pooled(n, inputs[0]),
            "Flatten" or "Reshape" => inputs[0],
            _ => throw new NotSupportedException($"{n}"),
        };
    }

    static double[] Dequantized(Value v, Func<Value, byte[]> codesOf)
    {
        var n = v.Producer!;
        Assert.AreEqual("DequantizeLinear", n.Op);
        var steps = n[1].Data!.Span<float>().ToArray();
        int[] codes = n[0].Data is { } data
            ? [.. data.Type switch
            {
                DType.Int8 => data.Span<sbyte>().ToArray().Select(c => (int)c),
                DType.Int32 => data.Span<int>().ToArray(),
                _ => data.Span<byte>().ToArray().Select(c => (int)c),
            }]
            : [.. codesOf(n[0]).Select(c => (int)c)];
        var zero = n.Has(2) && n[2].Type == DType.UInt8 ? n[2].Data!.Span<byte>()[0] : 0;
        // Weights have a step a row, biases one an element.
        var row = codes.Length / steps.Length;
        return [.. codes.Select((c, i) => (c - zero) * (double)steps[steps.Length == 1 ? 0 : i / row])];
    }

    static double[] Pairs(Node n, double[][] inputs, Func<double, double, double> f)
    {
        var count = Math.Max(inputs[0].Length, inputs[1].Length);
        // One number a channel stands for all of its pixels.
        double At(double[] x, int i) => x[x.Length == count ? i : x.Length == 1 ? 0 : i / (count / x.Length)];
        return [.. Enumerable.Range(0, count).Select(i => f(At(inputs[0], i), At(inputs[1], i)))];
    }

    static double[] Convolved(Node n, double[][] inputs)
    {
        var (shape, spec, kernel) = (n[0].Shape, ConvSpec.Of(n), n[1].Shape.Sizes);
        var (h, w, oh, ow) = ((int)shape[2].Size, (int)shape[3].Size, (int)n.Out.Shape[2].Size, (int)n.Out.Shape[3].Size);
        var (outputs, own) = ((int)kernel[0], (int)kernel[1]);
        var result = new double[outputs * oh * ow];
        Parallel.For(0, outputs, o =>
        {
            var first = o / (outputs / (int)spec.Group) * own;
            for (var at = 0; at < oh * ow; at++)
            {
                var sum = inputs.Length > 2 ? inputs[2][o] : 0;
                for (var i = 0; i < own * (int)kernel[2] * (int)kernel[3]; i++)
                {
                    var (c, ky, kx) = (i / (int)(kernel[2] * kernel[3]), i / (int)kernel[3] % (int)kernel[2],
                        i % (int)kernel[3]);
                    var y = at / ow * (int)spec.Strides[0] - (int)spec.Pads[0] + ky * (int)spec.Dilations[0];
                    var x = at % ow * (int)spec.Strides[1] - (int)spec.Pads[1] + kx * (int)spec.Dilations[1];
                    if (y >= 0 && y < h && x >= 0 && x < w)
                        sum += inputs[0][((first + c) * h + y) * w + x] * inputs[1][o * own * (int)kernel[2]
                            * (int)kernel[3] + i];
                }
                result[o * oh * ow + at] = sum;
            }
        });
        return result;
    }

    static double[] Pooled(Node n, double[] input)
    {
        var (shape, kernel, strides, pads) = (n[0].Shape, n.Ints("kernel_shape")!, n.Ints("strides")!, n.Ints("pads")!);
        var (h, w, oh, ow) = ((int)shape[2].Size, (int)shape[3].Size, (int)n.Out.Shape[2].Size, (int)n.Out.Shape[3].Size);
        var result = new double[(int)shape[1].Size * oh * ow];
        for (var i = 0; i < result.Length; i++)
        {
            var (c, oy, ox) = (i / (oh * ow), i / ow % oh, i % ow);
            result[i] = (from ky in Enumerable.Range(0, (int)kernel[0])
                         from kx in Enumerable.Range(0, (int)kernel[1])
                         let y = oy * (int)strides[0] - (int)pads[0] + ky
                         let x = ox * (int)strides[1] - (int)pads[1] + kx
                         where y >= 0 && y < h && x >= 0 && x < w
                         select input[(c * h + y) * w + x]).Max();
        }
        return result;
    }
}
