namespace OnnxTimm.Models;

/// <summary>Attention whose only query is the class token's (arXiv:2103.17239).</summary>
public static class ClassAttention
{
    /// <summary>
    /// From tokens [N, L, D], that of the class first, to what the class gathers [N, 1, D]; layers <c>q</c>, <c>k</c>,
    /// <c>v</c>, whose names may begin otherwise, and <c>proj</c>.
    /// </summary>
    public static Value AttendByClass(this Value x, Scope s, int heads, Place place, string prefix = "")
    {
        var q = x.Slice(1, 0, 1).Linear(s[$"{prefix}q"], x.Features);
        var (k, v) = (x.Linear(s[$"{prefix}k"], x.Features), x.Linear(s[$"{prefix}v"], x.Features));
        return Qkv.Of(q, k, v, heads).Attend(dropout: place.AttnDrop).MergeHeads().Linear(s["proj"], x.Features)
            .Dropout(place.ProjDrop);
    }
}
