using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>What programs wrap around the weights: dictionaries around the names, words before them.</summary>
static partial class Wrappers
{
    const int MaxDepth = 4;

    /// <summary>
    /// Keys under which programs keep the weights, best first; averages where asked for. The last are of pySlowFast,
    /// DeepSpeed, I-JEPA (beside its predictor) and Classy Vision.
    /// </summary>
    static readonly (string Key, bool IsAverage)[] Keys =
    [
        ("state_dict_ema", true),
        ("model_ema", true),
        ("state_dict", false),
        ("model", false),
        ("model_state_dict", false),
        ("model_state", false),
        ("module", false),
        ("encoder", false),
        ("classy_state_dict", false),
        ("base_model", false),
    ];

    /// <summary>Parts of one network that VISSL keeps apart.</summary>
    static readonly string[] Parts = ["trunk", "heads"];

    /// <summary>
    /// The dictionary that holds the weights: below the keys that timm knows (load_state_dict of
    /// timm/models/_helpers.py), else the only one that holds tensors, else the whole.
    /// </summary>
    /// <exception cref="UserException">Several hold tensors, or an object that is not read does.</exception>
    public static PyDict Find(CheckpointContent content, bool useEma)
    {
        var weights = content.Root;
        for (var depth = 0; depth < MaxDepth && Inside(content, weights, useEma) is { } inside; depth++)
        {
            weights = inside;
            if (weights.Values.Any(IsTensor))
                break;
        }
        return weights;
    }

    /// <summary>
    /// A name without what wrappers put before it, however often: data parallel training, torch.compile, and MXNet's
    /// exports, which tell arguments from auxiliary states. Sharding and compiling put their words before inner
    /// modules, too.
    /// </summary>
    public static string Plain(string name)
    {
        name = Anywhere().Replace(name, "");
        foreach (var prefix in (string[])["arg:", "aux:"])
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                name = name[prefix.Length..];
        while (name.StartsWith("module.", StringComparison.Ordinal))
            name = name["module.".Length..];
        return name;
    }

    static PyDict? Inside(CheckpointContent content, PyDict root, bool useEma)
    {
        foreach (var (key, isAverage) in Keys)
            if (useEma || !isAverage)
                switch (root.GetValueOrDefault(key))
                {
                    case PyDict inside:
                        return inside;
                    case PyOpaque { HoldsTensors: true } opaque:
                        throw content.Fault($"\"{key}\" is {opaque.Described}");
                }
        return root.Values.Any(IsTensor) ? null : Joined(root) ?? Only(content, root);
    }

    static PyDict? Joined(PyDict root)
    {
        if (!Parts.All(part => root.GetValueOrDefault(part) is PyDict))
            return null;
        var result = new PyDict();
        foreach (var part in Parts)
            foreach (var (key, value) in (PyDict)root[part]!)
                result[$"{part}.{key}"] = value;
        return result;
    }

    static PyDict? Only(CheckpointContent content, PyDict root)
    {
        var holders = root.Where(entry => entry.Value is PyDict inside && inside.Values.Any(IsTensor)).ToArray();
        return holders.Length < 2 ? holders.FirstOrDefault().Value as PyDict
            : throw content.Fault($"it holds several sets of tensors, {string.Join(", ", holders.Select(e => e.Key))}: "
                + "save the one that is meant alone");
    }

    static bool IsTensor(object? value) => value is Tensor or NumpyArray { Tensor: not null };

    [GeneratedRegex(@"(^|(?<=\.))(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")]
    private static partial Regex Anywhere();
}
