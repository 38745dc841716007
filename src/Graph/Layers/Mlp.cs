namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Two linear layers on the last axis with an activation between them; parameters <c>fc1</c>, <c>fc2</c> and,
    /// where the hidden values are normed before the second, <c>norm</c>.
    /// </summary>
    /// <param name="x">Tokens [N, L, D].</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="hidden">Width between the layers.</param>
    /// <param name="act">The activation.</param>
    /// <param name="drop">Dropout after each layer.</param>
    /// <param name="norm">Norm of the hidden values.</param>
    public static Value Mlp(this Value x, Scope s, int hidden, Act act, double drop = 0, Norm? norm = null)
    {
        var y = act(x.Linear(s["fc1"], hidden)).Dropout(drop);
        y = norm is null ? y : norm(y, s["norm"]);
        return y.Linear(s["fc2"], x.Features).Dropout(drop);
    }

    /// <summary>
    /// A gated MLP (arXiv:2002.05202): the first half of the hidden values is the activated gate of the second half.
    /// Both are one layer, <c>fc1</c>, of <paramref name="hidden"/> columns. timm's SwiGLUPacked.
    /// </summary>
    public static Value GatedMlp(this Value x, Scope s, int hidden, Act act, double drop = 0) =>
        x.GatedMlp(s, hidden, (first, second) => act(first) * second, drop);

    /// <summary>The same with the second half as the gate. timm's GluMlp.</summary>
    public static Value GluMlp(this Value x, Scope s, int hidden, Act act, double drop = 0) =>
        x.GatedMlp(s, hidden, (first, second) => first * act(second), drop);

    static Value GatedMlp(this Value x, Scope s, int hidden, Func<Value, Value, Value> gate, double drop)
    {
        // timm begins the second half as the gate whichever half gates.
        var gated = s["fc1"].With(d => d with
        {
            Linear = Init.Halves(d.Linear, Init.Normal(1e-6)),
            LinearBiasBy = fanIn => Init.Halves(d.LinearBiasBy(fanIn), Init.Ones),
        });
        var halves = x.Linear(gated, hidden).Split([hidden / 2, hidden / 2], -1);
        return gate(halves[0], halves[1]).Dropout(drop).Linear(s["fc2"], x.Features).Dropout(drop);
    }

    /// <summary>
    /// The gated MLP with the gate, <c>fc1_g</c>, and the gated values, <c>fc1_x</c>, as layers of their own. timm's
    /// SwiGLU.
    /// </summary>
    public static Value SplitGatedMlp(this Value x, Scope s, int hidden, Act act, double drop = 0, bool bias = true)
    {
        var open = s["fc1_g"].With(d => d with { Linear = Init.Normal(1e-6), LinearBias = Init.Ones });
        var gate = act(x.Linear(open, hidden, bias));
        var y = (gate * x.Linear(s["fc1_x"], hidden, bias)).Dropout(drop);
        return y.Linear(s["fc2"], x.Features, bias).Dropout(drop);
    }
}
