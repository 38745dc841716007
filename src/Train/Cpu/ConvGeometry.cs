namespace OnnxTimm.Train.Cpu;

/// <summary>The sizes of a 2-D convolution of X [N, C, H, W] by W [M, C/G, Kh, Kw] to Y [N, M, Oh, Ow].</summary>
sealed record ConvGeometry(int C, int H, int W, int M, int Oh, int Ow, int Kh, int Kw)
{
    public required int StrideH { get; init; }

    public required int StrideW { get; init; }

    public required int DilationH { get; init; }

    public required int DilationW { get; init; }

    /// <summary>Rows of zeros above the map.</summary>
    public required int Top { get; init; }

    /// <summary>Columns of zeros left of the map.</summary>
    public required int Left { get; init; }

    public required int Groups { get; init; }

    public int Taps => Kh * Kw;

    /// <summary>Channels of X that a group reads.</summary>
    public int GroupC => C / Groups;

    /// <summary>Channels of Y that a group writes.</summary>
    public int GroupM => M / Groups;

    /// <summary>
    /// The geometry of a Conv, ConvInputGrad or ConvWeightGrad node; null where an axis is not two-dimensional.
    /// </summary>
    public static ConvGeometry? Of(Node n)
    {
        var (x, w, y) = n.Op switch
        {
            "Conv" => (n[0].Shape, n[1].Shape, n.Out.Shape),
            "ConvInputGrad" => (n.Out.Shape, n[1].Shape, n[0].Shape),
            _ => (n[0].Shape, n.Out.Shape, n[1].Shape),
        };
        if (x.Rank != 4)
            return null;
        var (strides, dilations, pads) = (n.Ints("strides", 2, 1), n.Ints("dilations", 2, 1), n.Ints("pads", 4, 0));
        return new(Size(x[1]), Size(x[2]), Size(x[3]), Size(w[0]), Size(y[2]), Size(y[3]), Size(w[2]), Size(w[3]))
        {
            StrideH = (int)strides[0],
            StrideW = (int)strides[1],
            DilationH = (int)dilations[0],
            DilationW = (int)dilations[1],
            Top = (int)pads[0],
            Left = (int)pads[1],
            Groups = (int)n.Int("group", 1),
        };
    }

    static int Size(Dim d) => (int)d.Size;
}
