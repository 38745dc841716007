using System.Globalization;
using System.Numerics.Tensors;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Updates of 10 million parameters in place against the traffic alone, with all cores, in turn, the quickest round of
/// each. Arguments: names of optimizers; none is all whose update of an element needs no more of its tensor than sums.
/// The traffic is what the update must read and write: parameters, gradients and each state once, and where a sum over
/// the tensor comes first (the cautious ones' mean of their mask, norms), also what that pass reads and writes. A share
/// of 1 is the speed of memory; the last column is the share of a traffic that moves each tensor no more than once.
/// </summary>
static class Updates
{
    const int Count = 10_000_000, Tensors = 50, Rounds = 15;

    static readonly TensorLayout Layout =
        new(Enumerable.Range(0, Tensors).Select(i => ($"p{i}", (long[])[Count / Tensors])));

    public static int Run(string[] names)
    {
        Console.WriteLine($"{"optimizer",-16}{"passes",8}{"moved",10}{"update",12}{"traffic",12}{"share",8}{"once",8}");
        foreach (var name in names.Length > 0 ? names : [.. Optimizers.Names])
            if (Optimizers.Create(name) is { IsElementwise: true } optimizer)
                Compare(optimizer);
        return 0;
    }

    /// <summary>The tensors that are read and those that are written in one go.</summary>
    readonly record struct Pass(int[] Reads, int[] Writes);

    static void Compare(Optimizer optimizer)
    {
        var (parameters, gradients) = (new FlatTensors(Layout, 0.1f), new FlatTensors(Layout, 0.01f));
        var engine = new BlockUpdate(optimizer, parameters, gradients, [new(Layout.Names, 0.05)], 1e-3);
        FlatTensors[] tensors = [parameters, gradients, .. engine.State.Where(s => s.Layout.Length == Layout.Length)];
        Pass[] passes = [.. PassesOf(optimizer)];
        Pass once = new([.. passes.SelectMany(p => p.Reads).Distinct()],
            [.. passes.SelectMany(p => p.Writes).Distinct()]);
        Action[] works = [() => engine.Apply(1e-3), () => Move(tensors, passes), () => Move(tensors, once)];
        var best = new double[works.Length];
        for (var round = -2; round < Rounds; round++)
            foreach (var (i, work) in works.Index())
                best[i] = round > 0 ? Math.Min(best[i], Clock.Seconds(work)) : Clock.Seconds(work);
        var moved = passes.Sum(p => p.Reads.Length + p.Writes.Length) * (long)Count * sizeof(float) / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{optimizer.Name,-16}{passes.Length,8}{moved,7:F0} MB{best[0] * 1e3,9:F1} ms{best[1] * 1e3,9:F1} ms")
            + string.Create(CultureInfo.InvariantCulture, $"{best[1] / best[0],8:F2}{best[2] / best[0],8:F2}"));
    }

    static IEnumerable<Pass> PassesOf(Optimizer optimizer) =>
        [
            .. optimizer.MaxGradNorm is null ? Array.Empty<Pass>() : [new([1], [])],
            .. BlockProgram.Compile(optimizer).Phases.Select(phase => new Pass(phase.Reads, phase.Writes)),
        ];

    /// <summary>Reads and writes, and changes nothing; what is only written has one content throughout.</summary>
    static void Move(FlatTensors[] tensors, params Pass[] passes)
    {
        var sums = new float[Tensors];
        foreach (var pass in passes)
            Parallel.For(0, Tensors, i =>
            {
                foreach (var t in pass.Reads.Union(pass.Writes))
                {
                    var tensor = tensors[t][$"p{i}"].Span;
                    if (!pass.Writes.Contains(t))
                        sums[i] += TensorPrimitives.Sum(tensor);
                    else if (pass.Reads.Contains(t))
                        TensorPrimitives.Add(tensor, 0f, tensor);
                    else
                        tensor.Fill(tensor[0]);
                }
            });
    }
}
