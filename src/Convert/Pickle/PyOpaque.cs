namespace OnnxTimm.Conversion;

/// <summary>
/// An object of a kind that is not read, such as a path, a date or an enum beside the weights: a name, and whether
/// tensors went into it. Nothing of it is made or run.
/// </summary>
public sealed class PyOpaque : IBuilt
{
    /// <summary>Names that run what a file says, by module; all of a module where none is listed.</summary>
    static readonly Dictionary<string, string[]> Hostile = new()
    {
        {
            "builtins",
            ["eval", "exec", "compile", "open", "__import__", "execfile", "apply", "setattr", "globals"]
        },
        { "os", [] },
        { "posix", [] },
        { "nt", [] },
        { "sys", [] },
        { "subprocess", [] },
        { "pty", [] },
        { "runpy", [] },
        { "socket", [] },
        { "shutil", [] },
        { "ctypes", [] },
        { "importlib", [] },
        { "pickle", [] },
        { "_pickle", [] },
        { "marshal", [] },
        { "webbrowser", [] },
        { "urllib", [] },
    };

    PyOpaque(string type) => Type = type;

    /// <summary>Python's name of its kind.</summary>
    public string Type { get; }

    /// <summary>True where tensors or their storages went into it: it may be the weights.</summary>
    public bool HoldsTensors { get; private set; }

    /// <summary>For messages: what it is, and what is to be done.</summary>
    internal string Described => $"an object of {Type} (only tensors and plain containers are read, nothing in a "
        + "checkpoint is run: save the state_dict alone, or as safetensors)";

    /// <summary>True for what only an attack asks for.</summary>
    internal static bool IsHostile(string module, string name)
    {
        var root = module.Split('.')[0];
        return Hostile.TryGetValue(root == "__builtin__" ? "builtins" : root, out var names)
            && (names.Length == 0 || names.Contains(name.Split('.')[^1]));
    }

    /// <summary>A type or function of that name: whatever it is called with gives an opaque object.</summary>
    internal static PyGlobal Named(string name) => new(name, arguments => new PyOpaque(name).With(arguments.Values))
    {
        IsKnown = false,
    };

    /// <summary>A storage of a kind that is not read.</summary>
    internal static PyOpaque Storage(string type) => new(type) { HoldsTensors = true };

    /// <summary>How Python refers to a member of an enum: nothing but that is got.</summary>
    internal static PyOpaque Member(PickleArguments a) => a.Values is [PyGlobal { IsKnown: false } type, string name]
        ? new PyOpaque($"{type.Name}.{name}")
        : throw a.Fault("it calls __builtin__.getattr, which no weights need: it may be an attack. Nothing in a "
            + "checkpoint is run");

    /// <summary>Takes a part: items, arguments or a state.</summary>
    internal void Take(object? part) => HoldsTensors |= Holds(part, depth: 2);

    PyOpaque With(object? part)
    {
        Take(part);
        return this;
    }

    void IBuilt.Build(object? state) => Take(state);

    static bool Holds(object? part, int depth) => part switch
    {
        Tensor or TypedStorage or NumpyArray => true,
        PyOpaque opaque => opaque.HoldsTensors,
        _ when depth == 0 => false,
        PyDict map => map.Values.Any(item => Holds(item, depth - 1)),
        IEnumerable<object?> items => items.Any(item => Holds(item, depth - 1)),
        _ => false,
    };
}
