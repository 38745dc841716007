namespace OnnxTimm.Models;

/// <summary>
/// ConvMixer (arXiv:2201.09792): patches mixed by wide windows and by channels, at one size. timm/models/convmixer.py.
/// </summary>
public static class ConvMixer
{
    /// <param name="Dim">Channels.</param>
    /// <param name="Depth">Blocks.</param>
    /// <param name="K">Window of a block.</param>
    /// <param name="Patch">Height and width of a patch.</param>
    public sealed record Config(int Dim, int Depth, int K, int Patch)
    {
        /// <summary>After each convolution, before its norm.</summary>
        public Act Act { get; init; } = Activations.Gelu;
    }

    /// <summary>timm's variants of the module <c>convmixer</c>.</summary>
    public static readonly Family<Config> Family = new("convmixer", Build, Facts)
    {
        { "convmixer_1536_20",         new(1536, 20, 9, 7) },
        { "convmixer_768_32",          new(768, 32, 7, 7) { Act = Ops.Relu } },
        { "convmixer_1024_20_ks9_p14", new(1024, 20, 9, 14) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.Conv(s["stem"][0], c.Dim, c.Patch, c.Patch, Pad.Valid);
        x = c.Act(x).BatchNorm(s["stem"][2]);
        for (var i = 0; i < c.Depth; i++)
            x = net.Tap($"blocks.{i}", Block(x, s["blocks"][i], c));
        return net.Head(x, new(s["head"]));
    }

    static Value Block(Value x, Scope s, Config c)
    {
        var mix = s[0]["fn"];
        x = c.Act(x.DepthwiseConv(mix[0], c.K)).BatchNorm(mix[2]) + x;
        return c.Act(x.Conv(s[1], c.Dim, k: 1)).BatchNorm(s[3]);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^blocks\.(\d+)", null))) { Taps = [-3, -2, -1] };
}
