namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// A long short-term memory (Hochreiter and Schmidhuber, 1997) that reads sequences [L, N, C] in both directions
    /// and gives [L, N, 2 * hidden]: what it knows at each place from before, then from behind. Parameters
    /// <c>weight_ih_l0</c>, <c>weight_hh_l0</c>, <c>bias_ih_l0</c>, <c>bias_hh_l0</c> and the same with
    /// <c>_reverse</c>, with the gates in PyTorch's order.
    /// </summary>
    public static Value BidirectionalLstm(this Value x, Scope s, int hidden)
    {
        var (ahead, back) = (LstmWeights(x, s, hidden, ""), LstmWeights(x, s, hidden, "_reverse"));
        var y = x.Lstm(Both(0), Both(1), Both(2));
        return y.Transpose(0, 2, 1, 3).Reshape(x.Shape[0], x.Shape[1], 2 * hidden);

        Value Both(int i) => new[] { ahead[i].Unsqueeze(0), back[i].Unsqueeze(0) }.Concat(0);
    }

    /// <summary>Weights of what is read, of what is remembered, and both offsets, as ONNX orders them.</summary>
    static Value[] LstmWeights(Value x, Scope s, int hidden, string direction)
    {
        var init = Init.Uniform(1 / Math.Sqrt(hidden));
        var ofInput = s.Param($"weight_ih_l0{direction}", init, 4 * hidden, x.Features);
        var ofState = s.Param($"weight_hh_l0{direction}", init, 4 * hidden, hidden);
        Value[] offsets =
        [
            s.Param($"bias_ih_l0{direction}", init, 4 * hidden), s.Param($"bias_hh_l0{direction}", init, 4 * hidden),
        ];
        return [Gates(ofInput), Gates(ofState), offsets.Select(Gates).ToArray().Concat(0)];
    }

    /// <summary>PyTorch has input, forget, cell, output; ONNX has input, output, forget, cell.</summary>
    static Value Gates(Value rows)
    {
        var hidden = rows.Shape[0].Size / 4;
        var gates = rows.Split([hidden, hidden, hidden, hidden], axis: 0);
        return new[] { gates[0], gates[3], gates[1], gates[2] }.Concat(0);
    }
}
