using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>
/// Reads checkpoints of ONNX Runtime's on-device training, version 2; what the runtime refuses is refused here too. The
/// format has no checksum: a changed byte in a weight cannot be seen.
/// </summary>
sealed class OrtCheckpointReader : IDisposable
{
    public const string Identifier = "ODTC";
    public const int Version = 2;

    /// <summary>Element types that the runtime loads.</summary>
    public static readonly DType[] Types =
    [
        DType.Float32, DType.Float64, DType.Bool, DType.Int8, DType.Int16, DType.Int32, DType.Int64,
        DType.UInt8, DType.UInt16, DType.UInt32, DType.UInt64,
    ];

    readonly MappedFile file;
    readonly FlatTable module;
    readonly bool isNominal;
    MappedFile? data;

    OrtCheckpointReader(MappedFile file, FlatTable module) =>
        (this.file, this.module, isNominal) = (file, module, module.Bool(2));

    /// <summary>True when the content begins as such a checkpoint.</summary>
    public static bool Fits(ReadOnlySpan<byte> head) =>
        head.Length >= 8 && Encoding.ASCII.GetString(head[4..8]) == Identifier;

    public static OrtCheckpoint Read(MappedFile file)
    {
        if (!Fits(file.From(0).Span))
            throw file.Fault($"it does not have the identifier \"{Identifier}\" of ONNX Runtime Training at byte 4");
        var root = FlatTable.Root(file, "Checkpoint");
        if (root.Int32(0) is var version and not Version)
            throw file.Fault($"it is a checkpoint of version {version}, supported is {Version}, that of ONNX Runtime "
                + "Training 1.19");
        var reader = new OrtCheckpointReader(file, root.Table(1, "ModuleState"));
        try
        {
            return reader.Read(root);
        }
        catch
        {
            reader.data?.Dispose();
            throw;
        }
    }

    /// <summary>The weights as any other checkpoint gives them.</summary>
    public static CheckpointContent Content(MappedFile file)
    {
        var checkpoint = Read(file);
        if (checkpoint.IsNominal)
            throw file.Fault("it is a nominal checkpoint: names without weights");
        var root = new PyDict();
        foreach (var (name, tensor) in checkpoint.Tensors)
            root[name] = tensor;
        return new(file.Path, root, checkpoint.Properties.ToDictionary(
            p => p.Key, p => FormattableString.Invariant($"{p.Value}")), checkpoint);
    }

    public void Dispose()
    {
        file.Dispose();
        data?.Dispose();
    }

    OrtCheckpoint Read(FlatTable root)
    {
        var names = new Dictionary<string, string>();
        var trainable = Tensors(0, "requires_grad_params", names);
        var frozen = Tensors(1, "frozen_params", names);
        FlatTable[] groups = [.. (root.Tables(2, "OptimizerGroup") ?? []).Take(2)];
        if (groups.Length > 1)
            throw file.Fault("it has several optimizer groups, the runtime has one");
        return new(trainable, frozen)
        {
            IsNominal = isNominal,
            Optimizer = groups.Length == 0 ? null : State(groups[0], trainable),
            Properties = root.Has(3) ? Properties(root.Table(3, "PropertyBag")) : new(),
            Owner = this,
        };
    }

    List<KeyValuePair<string, Tensor>> Tensors(int slot, string title, Dictionary<string, string> names)
    {
        var tensors = new List<KeyValuePair<string, Tensor>>();
        foreach (var table in module.Tables(slot, "Tensor") ?? throw module.Fault($"it has no {title}, not even "
            + "empty ones"))
        {
            var name = table.Name(0);
            if (!names.TryAdd(name, title))
                throw table.Fault($"\"{name}\" is in "
                    + $"{names[name]}{(names[name] == title ? " twice" : $" and in {title}")}");
            tensors.Add(new(name, Tensor(table, name)));
        }
        return tensors;
    }

    OrtOptimizerState State(FlatTable group, List<KeyValuePair<string, Tensor>> trainable)
    {
        var state = new OrtOptimizerState(group.Int64(1), group.Float(2),
            [.. (group.Tables(3, "ParameterOptimizerState") ?? []).Select(table =>
                KeyValuePair.Create(table.Name(0), (IReadOnlyList<Tensor>)Moments(table)))]);
        return state.Misfit(trainable, isNominal) is { } misfit ? throw group.Fault(misfit) : state;
    }

    /// <summary>momentum0 and, with AdamW, momentum1.</summary>
    List<Tensor> Moments(FlatTable state)
    {
        var moments = new List<Tensor>();
        foreach (var table in state.Tables(1, "Tensor") ?? [])
        {
            if (table.Name(0) is var name && (moments.Count == 2 || name != $"momentum{moments.Count}"))
                throw table.Fault($"the moment {moments.Count} is called \"{name}\"");
            moments.Add(Tensor(table, name));
        }
        return moments;
    }

    Tensor Tensor(FlatTable table, string name)
    {
        var type = (DType)table.Int32(3);
        if (!Types.Contains(type))
            throw table.Fault($"\"{name}\" has the type {type}, which ONNX Runtime Training does not load");
        var shape = table.Longs(2) ?? throw table.Fault($"\"{name}\" has no dims");
        var needed = FileWindow.SizeOf(type, shape);
        var outside = table.Int64(6, -1);
        var (from, start, length) = outside >= 0 && module.Bool(3) ? (Data, outside, needed)
            : table.Bytes(4) is var (first, count) ? (file, first, count)
            : throw table.Fault($"\"{name}\" has no raw_data");
        if (isNominal)
            return new(type, shape, () => throw file.Fault($"\"{name}\" has no content: the checkpoint is nominal"));
        if (needed != length)
            throw table.Fault($"\"{name}\" {type}[{string.Join(", ", shape)}] needs {needed} bytes, {length} are "
                + "there");
        if (start > from.Length - length)
            throw from.Fault($"\"{name}\" lies at bytes {start} to {start + length}, the file has {from.Length}");
        return FileWindow.Tensor(from, type, shape, start);
    }

    MappedFile Data => data ??= MappedFile.Open(OrtCheckpointWriter.DataPath(file.Path));

    static Dictionary<string, object> Properties(FlatTable bag)
    {
        var all = new Dictionary<string, object>();
        Add(0, "IntProperty", p => p.Int64(1));
        Add(1, "FloatProperty", p => p.Float(1));
        Add(2, "StringProperty", p => p.Text(1) ?? "");
        return all;

        void Add(int slot, string title, Func<FlatTable, object> value)
        {
            foreach (var property in bag.Tables(slot, title) ?? [])
                if (!all.TryAdd(property.Name(0), value(property)))
                    throw property.Fault($"the property \"{property.Name(0)}\" is there twice");
        }
    }
}
