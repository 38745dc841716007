namespace OnnxTimm.Train;

/// <summary>Turns the nodes of each phase into steps and gives every value its place.</summary>
sealed class BlockCompiler
{
    readonly BlockSchedule schedule;
    readonly Dictionary<Value, Operand> inputs = [];
    readonly List<float> scalars = [];
    int scratch;

    public BlockCompiler(IReadOnlyList<Value> tensors, IReadOnlyList<Value> numbers, BlockSchedule schedule)
    {
        this.schedule = schedule;
        foreach (var (i, tensor) in tensors.Index())
            inputs[tensor] = new(Place.Tensor, i);
        foreach (var number in numbers)
            AddScalar(number, 0);
        foreach (var constant in schedule.Nodes.SelectMany(n => n.In).OfType<Value>().Where(v => v.Data is not null))
            AddScalar(constant, constant.Data!.ToFloats() is [var number] ? number
                : throw new InvalidOperationException($"{constant} has more than one element: an optimizer with such "
                    + "constants, or with reductions along axes, is not elementwise."));
        foreach (var n in schedule.Nodes.Where(n => BlockSchedule.IsScalar(n.Out)))
            AddScalar(n.Out, 0);
    }

    /// <param name="results">All results, of which those without dimensions are stored at the end.</param>
    public BlockProgram Compile((Value Result, Value Into)[] results)
    {
        BlockPhase[] phases = [.. Enumerable.Range(0, schedule.Count).Select(Phase)];
        return new(phases, [.. scalars], scratch)
        {
            Numbers = [.. results.Where(r => BlockSchedule.IsScalar(r.Into))
                .Select(r => (inputs[r.Result].Index, inputs[r.Into].Index))],
        };
    }

    void AddScalar(Value v, float initial)
    {
        if (inputs.TryAdd(v, new(Place.Scalar, scalars.Count)))
            scalars.Add(initial);
    }

    BlockPhase Phase(int phase)
    {
        var numbers = schedule.Nodes.Where(n => BlockSchedule.IsScalar(n.Out) && !BlockSchedule.IsReduction(n)
            && schedule.PhaseOf(n.Out) == phase);
        Node[] nodes = [.. schedule.Blocks(phase)];
        Node[] reductions = [.. nodes.Where(BlockSchedule.IsReduction)];
        var places = new BlockPlaces(phase, schedule, inputs, nodes);
        var steps = nodes.Select((n, i) => BlockSchedule.IsReduction(n)
            ? Reduce(n, places.Use(n[0], i), Array.IndexOf(reductions, n))
            : Operation(n, v => places.Use(v, i), v => places.Define(v, i))).ToList();
        steps.AddRange(schedule.StoredIn(phase)
            .Select(r => (From: places.Use(r.Result, nodes.Length), Into: inputs[r.Into]))
            .Where(r => r.From != r.Into).Select(r => Copy(r.From, r.Into)));
        scratch = Math.Max(scratch, places.Scratch);
        return new([.. numbers.Select(n => Operation(n, v => inputs[v], v => inputs[v]).Step)], [.. Fused(steps)],
            [.. reductions.Select(n => (BlockOps.Reductions[n.Op], inputs[n.Out].Index))])
        {
            Reads = [.. schedule.ReadIn(phase).Select(v => inputs[v].Index)],
            Writes = [.. schedule.StoredIn(phase).Select(r => inputs[r.Into].Index)],
        };
    }

    /// <summary>A step, and the operator that it is.</summary>
    readonly record struct Item(BlockStep Step, BlockNode Node);

    /// <summary>Neighbouring operators become one step where they can.</summary>
    static IEnumerable<BlockStep> Fused(List<Item> items)
    {
        for (var i = 0; i < items.Count;)
        {
            Item[] run = [.. items.Skip(i).TakeWhile(item => FusedLoop.Has(item.Node.Op))];
            if (run.Length < 2)
            {
                yield return items[i++].Step;
                continue;
            }
            i += run.Length;
            var later = items.Skip(i).SelectMany(item => item.Node.From).ToHashSet();
            BlockNode[] nodes = [.. run.Select(item => item.Node)];
            yield return FusedLoop.Of(nodes, nodes.Select(n => n.To)
                .Where(to => to.Place == Place.Tensor || later.Contains(to)).ToHashSet(),
                [.. run.Select(item => item.Step)]);
        }
    }

    static Item Operation(Node n, Func<Value, Operand> use, Func<Value, Operand> define)
    {
        var (name, operands) = BlockOps.Of(n);
        if (!BlockOps.Elementwise.TryGetValue(name, out var op))
            throw new InvalidOperationException($"{n} cannot be evaluated block by block.");
        Operand[] from = [.. operands.Select(v => use(v!))];
        var (a, b, c) = (from[0], from.ElementAtOrDefault(1), from.ElementAtOrDefault(2));
        var to = define(n.Out);
        return new(frame => op(frame[a], frame[b], frame[c], frame[to]), new(name, from, to));
    }

    static Item Reduce(Node n, Operand from, int index)
    {
        var part = BlockOps.Reductions[n.Op].Part;
        return new(frame => frame.Parts[index] += part(frame[from]), new(n.Op, [from], new(Place.Part, index)));
    }

    static Item Copy(Operand from, Operand into) =>
        new(frame => frame[from].CopyTo(frame[into]), new("Identity", [from], into));
}
