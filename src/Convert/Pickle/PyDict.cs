namespace OnnxTimm.Conversion;

/// <summary>
/// A Python dictionary out of a file: keys are texts, numbers or anything, in the order of the file.
/// </summary>
public class PyDict() : OrderedDictionary<object, object?>(PyKeys.Comparer);

/// <summary>An <c>argparse.Namespace</c>: its attributes, as a dictionary.</summary>
public sealed class PyNamespace : PyDict, IBuilt
{
    void IBuilt.Build(object? state)
    {
        if (state is not PyDict attributes)
            return;
        foreach (var (name, value) in attributes)
            this[name] = value;
    }
}

/// <summary>An object that takes its state after it was made (pickle's BUILD).</summary>
interface IBuilt
{
    void Build(object? state);
}
