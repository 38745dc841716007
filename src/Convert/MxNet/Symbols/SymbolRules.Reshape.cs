namespace OnnxTimm.Conversion;

static partial class SymbolRules
{
    static Value Reshape(SymbolCall c)
    {
        if (c.Ints("shape") is { Length: > 0 } codes)
            return c[0].Reshape(new Shape(c.Bool("reverse") ? FromTheEnd(c, codes) : Sizes(c, [.. c[0].Shape], codes)));
        // Before 0.8: 0 is what -1 is now, and the batch may be kept whatever is said.
        var target = c.Ints("target_shape") ?? throw c.Fault("the attribute shape is missing");
        return c[0].Reshape(new Shape(Sizes(c, [.. c[0].Shape],
            [.. target.Select((d, axis) => axis == 0 && c.Bool("keep_highest") ? 0 : d == 0 ? -1 : d)])));
    }

    static IEnumerable<Dim> FromTheEnd(SymbolCall c, long[] codes) =>
        Sizes(c, [.. c[0].Shape.Reverse()], [.. Enumerable.Reverse(codes)]).AsEnumerable().Reverse();

    /// <summary>
    /// MXNet's codes: 0 keeps an axis, -1 takes what is left over, -2 keeps all further axes, -3 joins two, -4 splits
    /// one into the two sizes that follow.
    /// </summary>
    static List<Dim> Sizes(SymbolCall c, Dim[] from, long[] codes)
    {
        var (at, free, sizes) = (0, -1, new List<Dim>());
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] == -1)
                free = sizes.Count;
            sizes.AddRange(codes[i] switch
            {
                0 => [Next()],
                -1 => [Skip(1)],
                -2 => Rest(),
                -3 => [Next() * Next()],
                -4 when i + 2 < codes.Length => Halves(c, Next(), codes[++i], codes[++i]),
                > 0 => [Skip(codes[i])],
                _ => throw c.Fault($"shape is {c.Text("shape")}, whose code {codes[i]} is not known"),
            });
        }
        if (free >= 0)
            sizes[free] = new Shape(from).Count / new Shape(sizes).Count;
        return sizes;

        Dim Next() => at < from.Length
            ? from[at++]
            : throw c.Fault($"shape is {c.Text("shape")}, more than the axes of {c[0].Shape}");

        Dim[] Rest()
        {
            var rest = from[Math.Min(at, from.Length)..];
            at = from.Length;
            return rest;
        }

        Dim Skip(Dim size)
        {
            at++;
            return size;
        }
    }

    /// <summary>One of the two sizes may be -1: what the other leaves.</summary>
    static Dim[] Halves(SymbolCall c, Dim whole, long left, long right) =>
        Math.Min(left, right) < -1 || Math.Max(left, right) < 1 || left * right == 0
            ? throw c.Fault($"an axis of {whole} cannot be split into {left} and {right}")
            : [left < 0 ? whole / right : left, right < 0 ? whole / left : right];
}
