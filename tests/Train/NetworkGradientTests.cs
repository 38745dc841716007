using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// Whole networks in train mode, one for every kind of block: along a random direction in all parameters and the image
/// at once, the loss changes as the gradients say.
/// </summary>
[TestClass]
public sealed class NetworkGradientTests
{
    const int Batch = 4;

    /// <summary>How far the loss is moved: far beyond its rounding (1e-6), before many rectifiers turn.</summary>
    const double Change = 1e-3;

    /// <summary>The most that a tensor is moved, as a share of its size.</summary>
    const double Limit = 3e-3;

    [TestMethod]
    [TestCategory("all")]
    public void LossesOfAllKindsOfBlocksChangeAsTheirGradientsSay() => Check(SmallNetworks.Names);

    /// <summary>Other networks each day, the same ones all day.</summary>
    [TestMethod]
    public void TheLossChangesAsTheGradientsSay() =>
        Check(Asked.Sample(SmallNetworks.Names, name => name, 8));

    static void Check(IEnumerable<string> names)
    {
        var faults = new List<string>();
        foreach (var name in names)
        {
            var (expected, actual) = Slopes(SmallNetworks.Build(name));
            if (!(Math.Abs(actual - expected) <= Tolerances.Get("train.network") * Math.Abs(expected)))
                faults.Add($"{name}: {actual:g5}, by differences {expected:g5}");
        }
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    /// <summary>What the loss changes by from side to side, by its values and by the gradients between.</summary>
    static (double Expected, double Actual) Slopes(Graph model)
    {
        var (graph, moving) = Step(model);
        using var options = Ort.Options(GraphOptimizationLevel.ORT_ENABLE_ALL);
        using var session = new InferenceSession(OnnxFile.ToBytes(graph), options);
        var values = Values(graph);
        var middle = Ort.Run(session, values);
        var (before, after) = (values.ToArray(), values.ToArray());
        var actual = 0.0;
        foreach (var (i, (name, data, shape)) in values.Index().Where(v => moving.Contains(v.Item.Name)))
        {
            var gradient = middle[$"grad:{name}"];
            var direction = Direction(data, gradient, Change / moving.Count, name);
            before[i] = (name, [.. data.Zip(direction, (x, d) => x - d)], shape);
            after[i] = (name, [.. data.Zip(direction, (x, d) => x + d)], shape);
            // As they were rounded.
            actual += after[i].Data.Zip(before[i].Data, (a, b) => (double)a - b).Zip(gradient, (d, g) => d * g).Sum();
        }
        return (Ort.Run(session, after)["loss"][0] - (double)Ort.Run(session, before)["loss"][0], actual);
    }

    /// <summary>
    /// Random lengths, each to where the gradient says the loss grows, so that nothing cancels, and in all so long that
    /// every tensor changes the loss by as much as any other: an error in one is not hidden by the rest.
    /// </summary>
    static float[] Direction(float[] data, float[] gradient, double change, string name)
    {
        var lengths = Fill.Uniform($"direction:{name}", data.Length);
        var slope = lengths.Zip(gradient, (u, g) => Math.Abs((double)u * g)).Sum();
        var size = Math.Sqrt(data.Sum(x => (double)x * x) / data.Length);
        var step = (float)Math.Min(change / slope, Limit * size);
        return [.. lengths.Zip(gradient, (u, g) => g < 0 ? -Math.Abs(u) * step : Math.Abs(u) * step)];
    }

    /// <summary>The loss with its gradients by the parameters and the image, in the portable dialect.</summary>
    static (Graph Graph, HashSet<string> Moving) Step(Graph model)
    {
        var graph = Lowering.Of(model).Graph;
        var logits = graph.Find("logits")!;
        var targets = graph.Input("target", DType.Float32, logits.Shape);
        var loss = Losses.SoftTargetCrossEntropy(logits, targets);
        Value[] sources = [.. graph.Inputs.Where(IsMoved)];
        var grads = Gradients.Of(loss, sources);
        graph.Output("loss", loss);
        foreach (var source in sources)
            graph.Output($"grad:{source.Name}", grads[source]);
        return (Fused.Expand(graph), [.. sources.Select(s => s.Name)]);
    }

    static bool IsMoved(Value input) =>
        input.Name == "input" || input.Name.StartsWith("param:", StringComparison.Ordinal);

    static (string Name, float[] Data, long[] Shape)[] Values(Graph graph) =>
    [
        .. graph.Inputs.Select(input =>
        {
            long[] shape = [.. input.Shape.Select(d => d.IsFixed ? d.Size : Batch)];
            return (input.Name, Content(input.Name, shape), shape);
        }),
    ];

    static float[] Content(string name, long[] shape) => name switch
    {
        "input" => Fill.Input(shape),
        "target" => SmoothTargets(),
        // Exponents of differential attention: they add up over a head.
        _ when name.Contains("lambda") => [.. Fill.Uniform(name, shape[0]).Select(u => 0.1f * u)],
        // Thresholds near zero, as they begin: at one, most values of a net would lie close to them.
        _ when name.EndsWith(".tau", StringComparison.Ordinal) =>
            [.. Fill.Uniform(name, shape[0]).Select(u => 0.2f * u)],
        _ => Fill.Weight(name[(name.IndexOf(':') + 1)..], shape, 1),
    };

    static float[] SmoothTargets()
    {
        var targets = new float[Batch * 10];
        Targets.Smooth([3, 7, 1, 4], 0.1, targets);
        return targets;
    }
}
