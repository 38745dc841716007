namespace OnnxTimm.Conversion;

/// <summary>The input of a symbol, and what the files tell of its shape.</summary>
/// <param name="Name">The variable's name.</param>
/// <param name="Channels">
/// By the variable's attribute <c>__shape__</c>, else by the weight of the convolution that reads it; null where
/// neither tells.
/// </param>
/// <param name="Size">Height and width by <c>__shape__</c>; null where it is absent, as it mostly is.</param>
public sealed record SymbolInput(string Name, long? Channels, (long Height, long Width)? Size)
{
    internal static SymbolInput Of(string name, Symbol symbol, StateDict weights)
    {
        var variable = symbol.Nodes.First(n => n.IsVariable && n.Name == name);
        return SymbolCall.TryTuple(variable.Attributes.GetValueOrDefault("__shape__", ""), out var shape)
            && shape is [_, > 0 and { } channels, > 0 and { } height, > 0 and { } width]
                ? new(name, channels, (height, width))
                : new(name, ChannelsOf(variable, symbol, weights), null);
    }

    static long? ChannelsOf(SymbolNode variable, Symbol symbol, StateDict weights)
    {
        var conv = symbol.Readers[variable].Select(read => read.Node)
            .FirstOrDefault(n => n is { Op: "Convolution", Inputs.Length: > 1 });
        return conv is not null && weights.TryGetValue(conv.Inputs[1].Node.Name, out var weight)
            && weight.Shape.Length > 1
            && int.TryParse(conv.Attributes.GetValueOrDefault("num_group", "1"), out var groups)
                ? weight.Shape[1] * groups
                : null;
    }
}
