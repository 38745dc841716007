namespace OnnxTimm.Deploy;

/// <summary>What a node computes for one image.</summary>
static class Work
{
    /// <summary>Multiply-adds of a convolution or of a product; 0 where shapes are not known.</summary>
    public static long Macs(Node n) => !n.Out.Shape.IsKnown || !n[0].Shape.IsKnown || !n[1].Shape.IsKnown ? 0
        : Count(n.Out) * (n.Op == "Conv" ? Count(n[1]) / n[1].Shape[0].Factor : n[0].Shape[-1].Factor);

    /// <summary>Numbers of a tensor.</summary>
    public static long Count(Value v) => v.Shape.Count.Factor;
}
