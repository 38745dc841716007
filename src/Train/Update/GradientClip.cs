using System.Numerics.Tensors;

namespace OnnxTimm.Train;

/// <summary>Gradient clipping as timm's dispatch_clip_grad (timm/utils/clip_grad.py, agc.py).</summary>
public static class GradientClip
{
    const int Piece = 1 << 16;

    /// <summary>timm's names of the ways to clip.</summary>
    public static readonly string[] Modes = ["norm", "value", "agc"];

    /// <summary>Clips; returns the factor that is still to be applied to all gradients.</summary>
    /// <param name="mode">norm: of all gradients together; value: each element; agc: each output unit.</param>
    /// <param name="limit">Norm, value, or ratio of gradient to parameter.</param>
    /// <param name="parameters">For agc.</param>
    /// <param name="gradients">Changed by value and agc.</param>
    /// <param name="head">Parameters that agc leaves alone: timm spares the last two.</param>
    /// <param name="scale">Factor that the gradients will be multiplied by.</param>
    public static double Apply(string mode, double limit, FlatTensors parameters, FlatTensors gradients,
        IReadOnlyCollection<string> head, double scale = 1)
    {
        if (mode == "norm")
            return scale * Math.Min(1, limit / (Norm(gradients) * scale + 1e-6));
        if (scale != 1)
            TensorPrimitives.Multiply(gradients.All.Span, (float)scale, gradients.All.Span);
        if (mode == "value")
            TensorPrimitives.Clamp(gradients.All.Span, -(float)limit, (float)limit, gradients.All.Span);
        else if (mode == "agc")
            foreach (var name in gradients.Layout.Names.Except(head))
                Adaptive(parameters[name].Span, gradients[name].Span, gradients.Layout.ShapeOf(name), limit);
        else
            throw Nearest.Unknown("clip mode", mode, Modes);
        return 1;
    }

    /// <summary>The L2 norm of all gradients together; the same on any number of threads.</summary>
    public static double Norm(FlatTensors gradients)
    {
        var all = gradients.All;
        var parts = new double[(all.Length + Piece - 1) / Piece];
        Parallel.For(0, parts.Length, i =>
        {
            var piece = all.Span[(i * Piece)..Math.Min(all.Length, (i + 1) * Piece)];
            for (var start = 0; start < piece.Length; start += 2048)
                parts[i] += TensorPrimitives.SumOfSquares<float>(piece[start..Math.Min(piece.Length, start + 2048)]);
        });
        return Math.Sqrt(parts.Sum());
    }

    /// <summary>
    /// Adaptive gradient clipping (arXiv:2102.06171): the gradient of an output unit is at most a ratio of its weights.
    /// </summary>
    static void Adaptive(ReadOnlySpan<float> p, Span<float> g, long[] shape, double ratio)
    {
        var unit = shape.Length <= 1 ? g.Length : g.Length / (int)shape[0];
        for (var start = 0; start < g.Length; start += unit)
        {
            var part = g.Slice(start, unit);
            var max = Math.Max(1e-3, TensorPrimitives.Norm(p.Slice(start, unit))) * ratio;
            var norm = TensorPrimitives.Norm<float>(part);
            if (norm >= max)
                TensorPrimitives.Multiply(part, (float)(max / Math.Max(norm, 1e-6)), part);
        }
    }
}
