using System.Globalization;
using System.Numerics.Tensors;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Updates of 10 million parameters in place against the traffic alone (parameters and each state read and written
/// once, gradients read), with all cores, in turn. Arguments: names of optimizers; none is all whose update of an
/// element needs no more of its tensor than sums. A share of 1 is the speed of memory.
/// </summary>
static class Updates
{
    const int Count = 10_000_000, Tensors = 50, Rounds = 15;

    static readonly TensorLayout Layout =
        new(Enumerable.Range(0, Tensors).Select(i => ($"p{i}", (long[])[Count / Tensors])));

    public static int Run(string[] names)
    {
        Console.WriteLine($"{"optimizer",-16}{"states",8}{"update",12}{"traffic",12}{"share",8}");
        foreach (var name in names.Length > 0 ? names : [.. Optimizers.Names])
            if (Optimizers.Create(name) is { IsElementwise: true } optimizer)
                Compare(optimizer);
        return 0;
    }

    static void Compare(Optimizer optimizer)
    {
        var (parameters, gradients) = (new FlatTensors(Layout, 0.1f), new FlatTensors(Layout, 0.01f));
        var engine = new BlockUpdate(optimizer, parameters, gradients, [new(Layout.Names, 0.05)], 1e-3);
        FlatTensors[] moved = [parameters, .. engine.State];
        var sums = new float[Tensors];
        var (updates, traffics) = (new List<double>(), new List<double>());
        for (var round = -2; round < Rounds; round++)
        {
            var times = (Clock.Seconds(() => engine.Apply(1e-3)), Clock.Seconds(() => Parallel.For(0, Tensors, i =>
            {
                foreach (var tensors in moved)
                    TensorPrimitives.Add(tensors[$"p{i}"].Span, 0f, tensors[$"p{i}"].Span);
                sums[i] = TensorPrimitives.Sum(gradients[$"p{i}"].Span);
            })));
            if (round < 0)
                continue;
            updates.Add(times.Item1);
            traffics.Add(times.Item2);
        }
        var (update, traffic) = (Clock.Median(updates), Clock.Median(traffics));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{optimizer.Name,-16}{moved.Length - 1,8}")
            + string.Create(CultureInfo.InvariantCulture,
                $"{update * 1e3,9:F1} ms{traffic * 1e3,9:F1} ms{traffic / update,8:F2}"));
    }
}
