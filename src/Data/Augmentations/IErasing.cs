namespace OnnxTimm.Data;

/// <summary>Overwrites random parts of a normalised image. Safe to use from many threads.</summary>
public interface IErasing
{
    /// <summary>Changes planes of channels x height x width in place; says how many rectangles were erased.</summary>
    int Apply(Span<float> chw, int height, int width, CounterRandom random);
}

/// <summary>What random erasing writes.</summary>
public enum ErasingMode
{
    /// <summary>Zero, the mean colour.</summary>
    Const,

    /// <summary>One normally distributed number a channel and rectangle.</summary>
    Rand,

    /// <summary>One normally distributed number a value.</summary>
    Pixel,
}

static class Erasing
{
    /// <summary>Overwrites so many rectangles, where one can be drawn; says how many were.</summary>
    public static int Erase(this ErasingMode mode, Span<float> chw, int height, int width, int count,
        CounterRandom random, Func<Window?> draw)
    {
        var erased = 0;
        for (var i = 0; i < count; i++)
            if (draw() is { } window)
            {
                mode.Erase(chw, height, width, window, random);
                erased++;
            }
        return erased;
    }

    static void Erase(this ErasingMode mode, Span<float> chw, int height, int width, Window window,
        CounterRandom random)
    {
        for (var plane = 0; plane < chw.Length; plane += height * width)
        {
            var colour = mode == ErasingMode.Rand ? (float)random.Normal() : 0;
            for (var y = 0; y < window.Height; y++)
            {
                var row = chw.Slice(plane + (window.Top + y) * width + window.Left, window.Width);
                row.Fill(colour);
                if (mode == ErasingMode.Pixel)
                    random.Normals(row);
            }
        }
    }
}
