namespace OnnxTimm.Models;

/// <summary>Attention between channels instead of tokens (arXiv:2106.09681).</summary>
public static class CrossCovariance
{
    /// <summary>
    /// Each channel of a head is a sum of the head's channels, weighed by how alike their queries and keys are over all
    /// tokens [N, L, D]. Parameter <c>temperature</c>, layers <c>qkv</c>, <c>proj</c>.
    /// </summary>
    public static Value CrossCovarianceAttention(this Value x, Scope s, int heads, Place place)
    {
        var temperature = s.Param("temperature", Init.Ones, heads, 1, 1);
        var (q, k, v) = x.Qkv(s, heads).OnQk(y => y.Transpose(0, 1, 3, 2).L2Normalize());
        var weights = (q.MatMul(k.Transpose(0, 1, 3, 2)) * temperature).Softmax().Dropout(place.AttnDrop);
        return weights.MatMul(v.Transpose(0, 1, 3, 2)).Transpose(0, 3, 1, 2).Reshape(x.Shape)
            .Linear(s["proj"], x.Features).Dropout(place.ProjDrop);
    }

    /// <summary>
    /// Positions of a grid as sines and cosines, brought to a width by a learned layer, <c>token_projection</c>: tokens
    /// [L, dim]. The layer is timm's 1x1 convolution; as a product it is read ahead when exported.
    /// </summary>
    public static Value FourierPositions(this Graph graph, Scope s, (int H, int W) grid, int dim)
    {
        var (positions, projection) = (graph.FourierPositions(grid), s["token_projection"]);
        var width = positions.Features;
        var weight = projection.Param("weight", s.Defaults.ConvBy(1), dim, width, 1, 1).Reshape(dim, width);
        return positions.Linear(weight, projection.Param("bias", s.Defaults.ConvBiasBy(width), dim));
    }
}
