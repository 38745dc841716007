namespace OnnxTimm.Conversion;

/// <summary>
/// Writes checkpoints of ONNX Runtime's on-device training, version 2. The tables are those of its schema
/// (onnxruntime/core/flatbuffers/schema/ort_training_checkpoint.fbs and ort.fbs), field by field.
/// </summary>
public static class OrtCheckpointWriter
{
    /// <summary>Tensors below it stay in the checkpoint itself, as the runtime has it.</summary>
    const int SmallestOutside = 64;

    /// <summary>The file beside a checkpoint that has the content of large ones.</summary>
    public static string DataPath(string path) => $"{path}.data";

    /// <summary>Writes a file that appears complete or not at all.</summary>
    /// <param name="path">The file; content beside it goes to the same name with ".data" appended.</param>
    /// <param name="checkpoint">What to write; of a nominal one the names and types only.</param>
    /// <param name="externalAbove">Bytes of weights and moments above which weights are written beside the
    /// file.</param>
    /// <exception cref="UserException">A type that the runtime does not load, a repeated name, moments that are not
    /// those of the parameters, or a failing disk.</exception>
    public static void Write(string path, OrtCheckpoint checkpoint, long externalAbove = 1_800_000_000)
    {
        Check(path, checkpoint);
        var isInside = checkpoint.IsNominal || Bytes(checkpoint) <= externalAbove;
        WriteBeside.Write(path, file =>
        {
            if (isInside)
                Flat.Write(file, OrtCheckpointReader.Identifier, Root(checkpoint, null));
            else
                WriteBeside.Write(DataPath(path), data =>
                    Flat.Write(file, OrtCheckpointReader.Identifier, Root(checkpoint, data)));
        });
        if (isInside)
            File.Delete(DataPath(path));
    }

    static long Bytes(OrtCheckpoint c) => c.Tensors.Select(t => t.Value)
        .Concat(c.Optimizer?.Moments.SelectMany(m => m.Value) ?? []).Sum(t => t.ByteCount);

    static Flat Root(OrtCheckpoint c, Stream? data) => Flat.Table(
        Flat.Int32(OrtCheckpointReader.Version),                                            // version
        ModuleState(c, data),                                                               // module_state
        c.Optimizer is { } state ? Flat.Tables([Group(state)]) : null,                      // optimizer_groups
        c.Properties.Count > 0 ? PropertyBag(c.Properties) : null);                         // property_bag

    static Flat ModuleState(OrtCheckpoint c, Stream? data) => Flat.Table(
        Flat.Tables(c.Trainable.Select(t => Tensor(t.Key, t.Value, c.IsNominal, data))),    // requires_grad_params
        Flat.Tables(c.Frozen.Select(t => Tensor(t.Key, t.Value, c.IsNominal, data))),       // frozen_params
        Flat.Bool(c.IsNominal),                                                             // is_nominal_state
        Flat.Bool(data is not null));                                                       // has_external_data

    static Flat Group(OrtOptimizerState state) => Flat.Table(
        Flat.Text(OrtOptimizerState.Group),                                                 // group_name
        Flat.Int64(state.Step),                                                             // step
        Flat.Float(state.InitialRate),                                                      // initial_learning_rate
        Flat.Tables(state.Moments.Select(p => Flat.Table(                                   // optimizer_states
            Flat.Text(p.Key),                                                               //   param_name
            Flat.Tables(p.Value.Select((m, i) => Tensor($"momentum{i}", m)))))));           //   momentums

    static Flat PropertyBag(IReadOnlyDictionary<string, object> properties)
    {
        return Flat.Table(
            All<long>(Flat.Int64),                                                          // ints
            All<float>(Flat.Float),                                                         // floats
            All<string>(Flat.Text));                                                        // strings

        Flat? All<T>(Func<T, Flat> value)
        {
            var of = properties.Where(p => p.Value is T).OrderBy(p => p.Key, StringComparer.Ordinal).ToArray();
            return of.Length == 0 ? null
                : Flat.Tables(of.Select(p => Flat.Table(Flat.Text(p.Key), value((T)p.Value)))); // name, value
        }
    }

    static Flat Tensor(string name, Tensor tensor, bool isNominal = false, Stream? data = null)
    {
        var isOutside = data is not null && tensor.ByteCount >= SmallestOutside;
        return Flat.Table(
            Flat.Text(name),                                                                // name
            null,                                                                           // doc_string
            Flat.Longs(isNominal ? [] : tensor.Shape),                                      // dims
            Flat.Int32((int)tensor.Type),                                                   // data_type
            isOutside ? null : Flat.Content(isNominal ? Nothing : tensor),                  // raw_data
            null,                                                                           // string_data
            isOutside ? Flat.Int64(Append(tensor, data!)) : null);                          // external_data_offset
    }

    static Tensor Nothing { get; } = OnnxTimm.Tensor.Of(Array.Empty<byte>(), 0);

    static long Append(Tensor tensor, Stream data)
    {
        var align = Math.Max(4, tensor.Type.Bits() / 8);
        data.Write(new byte[(align - data.Position % align) % align]);
        var offset = data.Position;
        tensor.WriteTo(data);
        return offset;
    }

    static void Check(string path, OrtCheckpoint checkpoint)
    {
        SafetensorsWriter.CheckNames(path, checkpoint.Tensors);
        if (checkpoint.Tensors.FirstOrDefault(t =>
            !OrtCheckpointReader.Types.Contains(t.Value.Type)) is { Key: { } odd } other)
            throw new UserException($"Cannot write \"{path}\": ONNX Runtime Training loads no {other.Value.Type}, as "
                + $"\"{odd}\" is.");
        if (checkpoint.Optimizer?.Misfit(checkpoint.Trainable, checkpoint.IsNominal) is { } misfit)
            throw new UserException($"Cannot write \"{path}\": {misfit}.");
        foreach (var (name, value) in checkpoint.Properties.Where(p => p.Value is not (long or float or string)))
            throw new UserException($"Cannot write \"{path}\": the property \"{name}\" is of {value.GetType().Name}, "
                + "not a long, a float or a string.");
    }
}
