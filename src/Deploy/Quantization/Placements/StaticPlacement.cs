using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// A network with codes in the form that runtimes look for: each tensor that is codes goes through a QuantizeLinear and
/// a DequantizeLinear, and the runtime puts one integer kernel in the place of an operator between them.
/// </summary>
sealed class StaticPlacement(Graph graph, Recipe recipe, Predicate<Node> isExcluded) : IPlacement
{
    readonly StaticPlan plan = new(graph, isExcluded);

    /// <inheritdoc/>
    public IEnumerable<Node> Nodes => plan.Nodes;

    /// <inheritdoc/>
    public IEnumerable<Value> Measured => plan.Measured;

    /// <inheritdoc/>
    public Graph Write(Measurements numbers) =>
        Rewrite.Apply(Rewrite.Apply(graph, new StaticWriter(plan, recipe, numbers).Rule));
}

/// <summary>Writes the nodes of a plan.</summary>
sealed class StaticWriter(StaticPlan plan, Recipe recipe, Measurements numbers)
{
    readonly Dictionary<Value, Value> coded = [];
    readonly Dictionary<Value, (Value Step, Value Zero)> grids = [];
    readonly Dictionary<Value, Value> perChannel = [];

    /// <summary>What becomes of a node.</summary>
    public Value[]? Rule(Node n, Rewrite to) => plan[n] switch
    {
        null => IsBetweenCodes(n, to) ? InFloat(n, to) : null,
        { Kind: OperatorKind.Clamp } when plan.IsAbsorbed(n) => [to[n[0]]],
        { Kind: OperatorKind.Clamp } => [Clamped(n, to)],
        { Kind: OperatorKind.Weighted } rule => Through(n, to, to.CopyUnnamed(n, Weighted(n, rule, to))),
        _ when n.Op == "HardSigmoid" => [HardSigmoid(n, to)],
        _ when n.Op == "Pad" => [Padded(n, to)],
        var rule => Through(n, to, to.CopyUnnamed(n, [.. n.In.Select((v, i) =>
            v is null ? null : rule.Activations(n).Contains(i) ? Numbers(v, to) : to[v])])),
    };

    /// <summary>
    /// Whether ONNX Runtime would take a layer in float to codes itself, with one step for all of its weights: one that
    /// reads codes of one step and whose result becomes codes (its WeightBiasQuantization).
    /// </summary>
    bool IsBetweenCodes(Node n, Rewrite to) => n.Op is "Conv" or "ConvTranspose" or "Gemm" && n[1].Data is not null
        && n[0].Shape.Rank > 1 && n[0].Shape[1].IsFixed && plan.LeadsToCodes(n.Out)
        && to[n[0]].Producer is { Op: "DequantizeLinear" };

    /// <summary>The layer, reading the same numbers from codes with a step for each channel.</summary>
    Value[] InFloat(Node n, Rewrite to)
    {
        var numbers = to[n[0]];
        if (!perChannel.TryGetValue(numbers, out var same))
            perChannel[numbers] = same = PerChannel(numbers, to);
        return to.Copy(n, [same, .. n.In.Skip(1).Select(v => v is null ? null : to[v])]);
    }

    static Value PerChannel(Value numbers, Rewrite to)
    {
        var (codes, step, zero) = (numbers.Producer![0], numbers.Producer[1], numbers.Producer[2]);
        var channels = (int)numbers.Shape[1].Size;
        var (steps, zeros) = (new float[channels], new byte[channels]);
        Array.Fill(steps, step.Data!.ToFloats()[0]);
        Array.Fill(zeros, zero.Data!.Span<byte>()[0]);
        return codes.DequantizeLinear(Stored.New(to, $"{step.Name}:channels", Tensor.Of(steps, channels)),
            Stored.New(to, $"{zero.Name}:channels", Tensor.Of(zeros, channels)), 1);
    }

    /// <summary>Results as codes and numbers again, under the names that the numbers had.</summary>
    Value[] Through(Node n, Rewrite to, Value[] results) => [.. results.Select((result, i) =>
    {
        var old = plan.Absorbed(n)?.Out ?? n.Outs[i];
        var numbers = plan.GivesCodes(n) ? Through(result, old, to) : result;
        to.Keep(old, numbers);
        return numbers;
    })];

    /// <summary>A value as codes and numbers again.</summary>
    Value Through(Value number, Value old, Rewrite to)
    {
        var (step, zero) = GridOf(old, to);
        return number.QuantizeLinear(step, zero).DequantizeLinear(step, zero);
    }

    /// <summary>The numbers that an operator on codes reads for an old value.</summary>
    Value Numbers(Value old, Rewrite to)
    {
        if (old.Producer is { } n && plan.GivesCodes(n))
            return to[old];
        if (!coded.TryGetValue(old, out var found))
            coded[old] = found = old.Data is null ? Through(to[old], old, to) : Constant(old, to);
        return found;
    }

    Value Constant(Value old, Rewrite to)
    {
        var (step, zero) = GridOf(old, to);
        var codes = Grid(old).Encode(old.Data!);
        return Stored.New(to, $"{old.Name}:codes", codes).DequantizeLinear(step, zero);
    }

    /// <summary>The inputs of an operator with a weight.</summary>
    Value?[] Weighted(Node n, OperatorRule rule, Rewrite to) =>
        [Numbers(n[0], to), .. CodedWeights.Write(n, rule.Channel(n), Grid(n[0]).Step, recipe, numbers, to)];

    /// <summary>Codes that are cut off as codes, where the node before cannot do it.</summary>
    Value Clamped(Node n, Rewrite to)
    {
        var bounds = OperatorRules.Bounds(n)!.Value;
        var grid = Grid(n[0]);
        var (step, zero) = GridOf(n[0], to);
        var codes = Numbers(n[0], to).Producer![0];
        var cut = codes.Clip(Code(grid, bounds.Least), Code(grid, bounds.Most)).DequantizeLinear(step, zero);
        to.Keep(n.Out, cut);
        return cut;

        Value Code(Grid g, double bound) => to.Target.Const((g with { Zero = g.Code(bound) }).ZeroTensor);
    }

    /// <summary>Codes with codes around them: the runtime has no group of a Pad between numbers.</summary>
    Value Padded(Node n, Rewrite to)
    {
        var fill = n.Has(2) ? n[2].Data!.ToFloats()[0] : 0;
        var (grid, (step, zero)) = (Grid(n[0]), GridOf(n[0], to));
        var around = to.Target.Const((grid with { Zero = grid.Code(fill) }).ZeroTensor);
        Value?[] inputs = [Numbers(n[0], to).Producer![0], to[n[1]], around, .. n.In.Skip(3).Select(v => to[v!])];
        var padded = to.CopyUnnamed(n, inputs)[0].DequantizeLinear(step, zero);
        to.Keep(n.Out, padded);
        return padded;
    }

    /// <summary>
    /// max(0, min(1, alpha x + beta)) is alpha times a sum that saturates: x + beta / alpha over [0, 1 / alpha], whose
    /// codes then mean [0, 1].
    /// </summary>
    Value HardSigmoid(Node n, Rewrite to)
    {
        var (alpha, beta) = (n.Float("alpha", 0.2f), n.Float("beta", 0.5f));
        var offset = Deploy.Grid.Of(new(0, beta / alpha), recipe.Activations!);
        var sum = Deploy.Grid.Of(new(0, 1 / alpha), recipe.Activations!);
        var constant = to.Target.Const(offset.Encode(Tensor.Scalar(beta / alpha)))
            .DequantizeLinear(to.Target.Const(offset.StepTensor), to.Target.Const(offset.ZeroTensor));
        var codes = Numbers(n[0], to).Add(constant)
            .QuantizeLinear(to.Target.Const(sum.StepTensor), to.Target.Const(sum.ZeroTensor));
        var (step, zero) = GridOf(n.Out, to);
        var result = codes.DequantizeLinear(step, zero);
        to.Keep(n.Out, result);
        return result;
    }

    /// <summary>The grid of an old value.</summary>
    Grid Grid(Value old)
    {
        var source = plan.Source(old);
        var range = source.Data is { } data ? Measurements.RangeOf(data)
            : source.Producer is { } n && plan[n] is { Kind: OperatorKind.Fixed } rule ? rule.Fixed
            : numbers.Range(source, recipe.Activations!);
        return Deploy.Grid.Of(range, recipe.Activations!);
    }

    /// <summary>Step and zero of an old value in the new graph: one pair for all who share the grid.</summary>
    (Value Step, Value Zero) GridOf(Value old, Rewrite to)
    {
        var source = plan.Source(old);
        if (!grids.TryGetValue(source, out var pair))
        {
            var grid = Grid(source);
            grids[source] = pair = (Stored.New(to, $"{source.Name}:scale", grid.StepTensor),
                Stored.New(to, $"{source.Name}:zero", grid.ZeroTensor));
        }
        return pair;
    }
}
