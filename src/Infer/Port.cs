using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>An input or an output of a model.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; one that the file leaves open without a name is called "?".</param>
public sealed record Port(string Name, DType Type, Shape Shape)
{
    internal static Port Of(string name, NodeMetadata data) => data.IsTensor
        ? new(name, (DType)data.ElementDataType, new(data.Dimensions.Zip(data.SymbolicDimensions, (size, symbol) =>
            size >= 0 ? size : new Dim(1, symbol.Length > 0 ? symbol : "?"))))
        : throw new UserException($"\"{name}\" is no tensor.");

    /// <summary>
    /// What the symbols of this input mean when it is fed the given sizes; null where they do not fit.
    /// </summary>
    internal IEnumerable<(string Symbol, long Size)>? Match(long[] sizes) =>
        sizes.Length == Shape.Rank && Shape.Zip(sizes).All(d => !d.First.IsFixed || d.First.Size == d.Second)
            ? Shape.Zip(sizes).Where(d => !d.First.IsFixed).Select(d => (d.First.Symbol!, d.Second))
            : null;

    /// <summary>The sizes of this output under a meaning of the symbols; null where one is not known.</summary>
    internal long[]? Resolve(IReadOnlyDictionary<string, long> symbols) =>
        Shape.All(d => d.IsFixed || (d.Symbol != "?" && symbols.ContainsKey(d.Symbol!)))
            ? [.. Shape.Select(d => d.IsFixed ? d.Size : symbols[d.Symbol!])]
            : null;

    /// <summary>Name, type and shape, for messages.</summary>
    public override string ToString() => $"\"{Name}\" {Type}{Shape}";
}
