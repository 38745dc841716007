using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// Recurrent operators, written out step by step in operators that have gradients: a sequence of fixed length is a
/// chain.
/// </summary>
static class Recurrence
{
    /// <summary>The states of an LSTM; null for a form that is not written out, which then has no gradient.</summary>
    public static Value[]? Unrolled(Node n, Rewrite to)
    {
        if (!IsPlain(n))
            return null;
        var (x, weight, recurrence) = (to[n[0]], to[n[1]], to[n[2]]);
        var directions = (int)weight.Shape[0].Size;
        var fromInput = Transposed(weight);
        var offset = n.Has(3) ? Offset(to[n[3]]) : null;
        // Each direction reads all steps at once, in its own order: [L, directions, N, 4 * hidden].
        var read = Enumerable.Range(0, directions).Select(d => InOrder(x, d)).ToArray();
        var gates = read.Select(each => each.Unsqueeze(1)).ToArray().Concat(1).MatMul(fromInput);
        var states = Steps(offset is null ? gates : gates + offset, Transposed(recurrence));
        return [directions == 1 ? states : Split(states, 1).Select(InOrder).ToArray().Concat(1)];
    }

    /// <summary>Without lengths, initial states, peepholes, other activations, and with states alone read.</summary>
    static bool IsPlain(Node n) => n[0].Shape is { IsKnown: true } shape && shape[0].IsFixed && n[1].Shape.IsFixed
        && n[2].Shape.IsFixed && n.Outs.Length == 1 && !Enumerable.Range(4, 4).Any(n.Has)
        && n.Attributes.Keys.All(name => name is "hidden_size" or "direction")
        && n.Text("direction", "forward") != "reverse";

    static Value Transposed(Value weight) => weight.Transpose(0, 2, 1);

    /// <summary>Both offsets of each direction in one: [directions, 1, 4 * hidden].</summary>
    static Value Offset(Value bias)
    {
        var half = bias.Shape[1].Size / 2;
        var parts = bias.Split([half, half], axis: 1);
        return (parts[0] + parts[1]).Unsqueeze(1);
    }

    /// <summary>A sequence as a direction reads it: the second from its end.</summary>
    static Value InOrder(Value x, int direction) => direction == 0 ? x
        : x.Gather([.. Enumerable.Range(0, (int)x.Shape[0].Size).Select(i => x.Shape[0].Size - 1 - i)], axis: 0);

    static Value[] Split(Value x, int axis) => x.Split([.. Enumerable.Repeat(1L, (int)x.Shape[axis].Size)], axis);

    /// <summary>The states [L, directions, N, hidden] by gates of what is read and weights of what is remembered.
    /// </summary>
    static Value Steps(Value gates, Value recurrence)
    {
        var hidden = recurrence.Shape[1].Size;
        var (states, memory) = (new List<Value>(), (Value?)null);
        foreach (var step in Split(gates, 0))
        {
            var sum = states.Count == 0 ? step : step + states[^1].MatMul(recurrence);
            var parts = sum.Split([3 * hidden, hidden], -1);
            var open = parts[0].Sigmoid().Split([hidden, hidden, hidden], -1);
            var news = open[0] * parts[1].Tanh();
            memory = memory is null ? news : open[2] * memory + news;
            states.Add(open[1] * memory.Tanh());
        }
        return states.Concat(0);
    }
}
