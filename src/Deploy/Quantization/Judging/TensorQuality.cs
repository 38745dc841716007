using System.Numerics.Tensors;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>How near the tensors of a network with codes are to those in float32.</summary>
static class TensorQuality
{
    /// <summary>Images that are looked at.</summary>
    const int Images = 8;

    /// <summary>Decibels between each tensor that both networks have and its error, in the network's order.</summary>
    public static IReadOnlyList<(string Name, double Decibels)> Of(
        Graph before, Graph after, JudgingImages images)
    {
        string[] names = [.. before.Nodes.SelectMany(n => n.Outs).Where(v => IsNumbers(v) && v.Shape is
        { IsKnown: true, Rank: > 0 } && after.Find(v.Name) is { } other && IsNumbers(other)).Select(v => v.Name)];
        using var one = Open(before, names, null);
        using var two = Open(after, names, JudgingImages.AsWritten);
        var batch = one.Inputs[0].Shape[0] is { IsFixed: true } size ? (int)size.Size : 1;
        var (signals, errors) = (new double[names.Length], new double[names.Length]);
        var some = new Subset(images.Data, [.. Enumerable.Range(0, Math.Min(Images, images.Data.Count))]);
        new ImageLoop(one, images.Config, some, batch).Run(1, binding =>
        {
            var other = two.Bind([batch, images.Config.Channels, images.Config.Height, images.Config.Width]);
            return (_, _) =>
            {
                binding.Input<float>().CopyTo(other.Input<float>());
                other.Run();
                for (var i = 0; i < names.Length; i++)
                {
                    var distance = (double)TensorPrimitives.Distance(binding.Output<float>(i), other.Output<float>(i));
                    signals[i] += TensorPrimitives.SumOfSquares(binding.Output<float>(i));
                    errors[i] += distance * distance;
                }
            };
        }, (_, _) => { });
        return [.. names.Select((name, i) => (name, Decibels.Of(signals[i], errors[i])))];
    }

    static bool IsNumbers(Value v) => v is { Role: Role.Node, Type: DType.Float32 };

    static Session Open(Graph graph, string[] names, IReadOnlyDictionary<string, string>? settings)
    {
        var probe = Rewrite.Select(graph, [(graph.Inputs[0].Name, graph.Inputs[0])],
            [.. names.Select(name => graph.Find(name)!)]);
        return Session.Load(OnnxFile.ToBytes(probe), graph.Name,
            new() { Spin = false, Config = settings ?? new Dictionary<string, string>() });
    }
}
