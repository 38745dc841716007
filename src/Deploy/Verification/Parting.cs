using System.Numerics.Tensors;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Where two networks first part, in the order of the first one's nodes.</summary>
/// <param name="Shared">Tensors that both have under the same name, and were looked at.</param>
/// <param name="Name">The first that differs by more than is allowed; null for none.</param>
/// <param name="Op">The operator that computes it.</param>
/// <param name="Error">Its error over its numbers, as root mean squares.</param>
/// <param name="Before">The last tensor before it that is equal enough; null for none.</param>
public sealed record Parting(int Shared, string? Name, string Op, double Error, string? Before)
{
    /// <summary>Looks at all tensors for one image.</summary>
    /// <param name="first">The file that is right.</param>
    /// <param name="second">The other.</param>
    /// <param name="data">Images, of which the first that can be read is taken.</param>
    /// <param name="tolerance">What a tensor's error may be.</param>
    /// <returns>Null where both do not take the same input.</returns>
    public static Parting? Of(string first, string second, IDataset data, double tolerance)
    {
        var (a, b) = (OnnxFile.Read(first), OnnxFile.Read(second));
        if (!(a.Inputs is [var x] && b.Inputs is [var y] && x.Shape.Equals(y.Shape) && x.Type == DType.Float32
            && y.Type == DType.Float32 && ModelCard.Read(a.Metadata, first) is { } card))
            return null;
        Value[] shared = [.. a.Nodes.SelectMany(n => n.Outs).Where(v => IsNumbers(v) && b.Find(v.Name) is { } other
            && IsNumbers(other))];
        string? before = null;
        foreach (var (v, error) in shared.Zip(Errors(a, b, [.. shared.Select(v => v.Name)], card.Preprocess, data)))
        {
            if (!(error <= tolerance))
                return new(shared.Length, v.Name, v.Producer!.Op, error, before);
            before = v.Name;
        }
        return new(shared.Length, null, "", 0, before);
    }

    static bool IsNumbers(Value v) => v is { Role: Role.Node, Type: DType.Float32 or DType.Float16, Name.Length: > 0 };

    static double[] Errors(Graph a, Graph b, string[] names, DataConfig config, IDataset data)
    {
        var errors = new double[names.Length];
        if (names.Length == 0)
            return errors;
        using var one = Open(a, names);
        using var two = Open(b, names);
        using var image = ReadableImage(data);
        var batch = one.Inputs[0].Shape[0] is { IsFixed: true } size ? (int)size.Size : 1;
        long[] shape = [batch, config.Channels, config.Height, config.Width];
        using var left = one.Bind(shape);
        using var right = two.Bind(shape);
        EvalTransform.Create(config).Apply(image.View(), left.Input<float>()[..(left.Input<float>().Length / batch)]);
        left.Input<float>().CopyTo(right.Input<float>());
        left.Run();
        right.Run();
        for (var i = 0; i < names.Length; i++)
            errors[i] = Share(right.Floats(i)!, left.Floats(i)!);
        return errors;
    }

    static double Share(float[] got, float[] expected)
    {
        if (got.Length != expected.Length)
            return double.PositiveInfinity;
        var distance = (double)TensorPrimitives.Distance(got, expected);
        return distance == 0 ? 0 : distance / TensorPrimitives.Norm(expected);
    }

    static Image ReadableImage(IDataset data)
    {
        var buffer = new FileBuffer();
        for (var i = 0; i < data.Count; i++)
            try
            {
                return data.Decode(i, buffer);
            }
            catch (UserException)
            {
                // The comparison has named it.
            }
        throw new UserException("There is no image to look at.");
    }

    static Session Open(Graph graph, string[] names)
    {
        var probe = Rewrite.Select(graph, graph.Inputs.Select(v => (v.Name, v)),
            [.. names.Select(name => graph.Find(name)!)]);
        return Session.Load(OnnxFile.ToBytes(probe), graph.Name,
            new() { Spin = false, Config = JudgingImages.AsWritten });
    }
}
