using System.Collections;
using System.Numerics;
using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>
/// The only names that a pickle may use: what makes tensors, containers and plain values. The list follows
/// torch/_weights_only_unpickler.py, with argparse.Namespace, which timm's training checkpoints hold.
/// </summary>
static class PickleConstructors
{
    static readonly Dictionary<string, Func<PickleArguments, object?>> Table = new()
    {
        { "collections.OrderedDict", Dictionary },
        { "collections.defaultdict", _ => new PyDict() },
        { "collections.Counter", Dictionary },
        { "argparse.Namespace", _ => new PyNamespace() },
        { "builtins.dict", Dictionary },
        { "builtins.list", a => Items(a).ToList() },
        { "builtins.tuple", a => Items(a).ToArray() },
        { "builtins.set", Set },
        { "builtins.frozenset", Set },
        { "builtins.complex", a => new Complex(a.Get<double>(0), a.Get<double>(1)) },
        { "builtins.bytes", Bytes },
        { "builtins.bytearray", Bytes },
        { "builtins.int", _ => 0L },
        { "builtins.float", _ => 0.0 },
        { "builtins.str", _ => "" },
        { "builtins.getattr", PyOpaque.Member },
        { "_codecs.encode", Latin1 },
        { "torch.Size", a => Items(a).ToArray() },
        { "torch.device", a => a.Get<string>(0) },
        { "torch.serialization._get_layout", a => a.Get<string>(0) },
        { "torch._utils._rebuild_tensor", TorchTensors.Rebuild },
        { "torch._utils._rebuild_tensor_v2", TorchTensors.Rebuild },
        { "torch._utils._rebuild_tensor_v3", TorchTensors.RebuildTyped },
        { "torch._utils._rebuild_parameter", a => a.Get<Tensor>(0) },
        { "torch._utils._rebuild_parameter_with_state", a => a.Get<Tensor>(0) },
        { "torch._tensor._rebuild_from_type_v2", Subclass },
        { "torch.Tensor", a => throw a.Fault("a tensor without content") },
        { "torch.nn.parameter.Parameter", a => throw a.Fault("a parameter without content") },
        { "numpy.dtype", a => new NumpyType(a.Get<string>(0)) },
        { "numpy.ndarray", _ => new NumpyArray() },
        { "numpy.core.multiarray._reconstruct", _ => new NumpyArray() },
        { "numpy.core.multiarray.scalar", NumpyArray.Scalar },
        { "numpy.core.numeric._frombuffer", NumpyArray.FromBuffer },
    };

    /// <summary>Older and newer homes of the same names.</summary>
    static readonly (string From, string To)[] Moved =
    [
        ("__builtin__.", "builtins."),
        ("numpy._core.", "numpy.core."),
        ("torch.cuda.", "torch."),
        ("torch.storage.", "torch."),
    ];

    /// <summary>The function or type of that name; null where a pickle must not name it.</summary>
    public static PyGlobal? Find(string module, string name)
    {
        var full = Moved.Aggregate($"{module}.{name}", (path, move) =>
            path.StartsWith(move.From, StringComparison.Ordinal) ? move.To + path[move.From.Length..] : path);
        return Table.TryGetValue(full, out var call) ? new PyGlobal(full, call)
            : TorchTypes.Storages.TryGetValue(full, out var type) ? new StorageType(full, type)
            : TorchTypes.Elements.TryGetValue(full, out type) ? new ElementType(full, type)
            : null;
    }

    static PyDict Dictionary(PickleArguments a)
    {
        var result = new PyDict();
        if (a is { Count: > 0, Values: [PyDict from, ..] })
            foreach (var (key, value) in from)
                result[key] = value;
        else
            foreach (var pair in Items(a))
                if (pair is IList { Count: 2 } both)
                    result[both[0] ?? "None"] = both[1];
                else
                    throw a.Fault($"{a.Callee} of something that is no pair");
        return result;
    }

    static HashSet<object?> Set(PickleArguments a) => Items(a).ToHashSet(PyKeys.Comparer);

    /// <summary>The one argument of a container's constructor, or nothing.</summary>
    static IEnumerable<object?> Items(PickleArguments a) => a.Count == 0 ? [] : a.Get<IEnumerable<object?>>(0);

    static byte[] Bytes(PickleArguments a) => a.Count switch
    {
        0 => [],
        1 => a.Get<byte[]>(0),
        _ => Latin1(a),
    };

    /// <summary>How protocol 2 writes bytes: text whose characters are the bytes.</summary>
    static byte[] Latin1(PickleArguments a) => a.Get<string>(1) is "latin1" or "latin-1"
        ? Encoding.Latin1.GetBytes(a.Get<string>(0))
        : throw a.Fault($"{a.Callee} with \"{a.Values[1]}\"");

    /// <summary>
    /// A tensor with attributes or of a subclass: the function that makes it, the type, its arguments, a state.
    /// </summary>
    static object? Subclass(PickleArguments a)
    {
        var make = a.Get<PyGlobal>(0);
        return make.Name == a.Callee
            ? throw a.Fault($"{a.Callee} within itself")
            : make.Call(new PickleArguments(make.Name, a.Get<object?[]>(2), a.Fault));
    }
}
