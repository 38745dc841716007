using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;

namespace OnnxTimm.Train;

/// <summary>An operator over a block, with the places of what it reads and of what it gives.</summary>
readonly record struct BlockNode(string Op, Operand[] From, Operand To);

/// <summary>
/// Neighbouring operators as one loop, which is compiled when the program runs: it reads from memory once what they
/// need, keeps what passes between them in registers, and writes once what is read later. Each element goes through
/// the same operations as one operator after the other. A reduction is a sum beside the loop.
/// </summary>
sealed class FusedLoop
{
    delegate void Loop(BlockFrame frame, int count);

    readonly DynamicMethod method = new("loop", typeof(void), [typeof(BlockFrame), typeof(int)],
        typeof(FusedLoop).Module, skipVisibility: true);

    readonly Dictionary<Operand, LocalBuilder> starts = [];
    readonly Dictionary<(Operand Place, int Lane), LocalBuilder> values = [];
    readonly LocalBuilder at;
    readonly ILGenerator il;

    /// <summary>Vectors of a turn.</summary>
    readonly int lanes;

    FusedLoop(int lanes)
    {
        this.lanes = lanes;
        il = method.GetILGenerator();
        at = il.DeclareLocal(typeof(int));
    }

    /// <summary>Whether an operator can be part of a loop.</summary>
    public static bool Has(string op) =>
        IsCopy(op) || VectorOps.Has(op);

    int Turn => lanes * Vector<float>.Count;

    /// <summary>One step for several.</summary>
    /// <param name="nodes">The operators, in order.</param>
    /// <param name="kept">The places whose content is read later.</param>
    /// <param name="single">The same as a step each, for the elements after the last turn.</param>
    public static BlockStep Of(IReadOnlyList<BlockNode> nodes, IReadOnlySet<Operand> kept, BlockStep[] single)
    {
        // Of a long operator one step waits for the other: meanwhile other vectors are worked on.
        var fused = new FusedLoop(nodes.Any(n => VectorOps.Steps(n).Count() > 1) ? 4 : 1);
        var loop = fused.Compile(nodes, kept);
        return frame =>
        {
            var whole = frame.Count - frame.Count % fused.Turn;
            loop(frame, whole);
            if (whole == frame.Count)
                return;
            frame.Skip(whole);
            foreach (var step in single)
                step(frame);
            frame.Skip(-whole);
        };
    }

    Loop Compile(IReadOnlyList<BlockNode> nodes, IReadOnlySet<Operand> kept)
    {
        Find([.. nodes.SelectMany(n => n.From.Append(n.To)).Distinct()]);
        var (body, test) = (il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Br, test);
        il.MarkLabel(body);
        foreach (var node in nodes.SelectMany(VectorOps.Steps))
            EachLane(lane => Apply(node, lane));
        foreach (var place in nodes.Select(n => n.To).Distinct().Where(kept.Contains))
            EachLane(lane => Store(place, lane));
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldc_I4, Turn);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, at);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Blt, body);
        foreach (var part in nodes.Select(n => n.To).Where(to => to.Place == Place.Part))
            EachLane(lane => Join(part, lane));
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Loop>();
    }

    /// <summary>
    /// Before the loop: where places begin, then the vectors of scalars and sums of nothing, which stay in registers if
    /// no call comes after them.
    /// </summary>
    void Find(Operand[] places)
    {
        foreach (var place in places.Where(p => p.Place is Place.Tensor or Place.Scratch))
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, (int)place.Place);
            il.Emit(OpCodes.Ldc_I4, place.Index);
            il.Emit(OpCodes.Call, Own(nameof(Start)));
            il.Emit(OpCodes.Stloc, starts[place] = il.DeclareLocal(typeof(float).MakeByRefType()));
        }
        foreach (var place in places.Where(p => p.Place == Place.Scalar))
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, place.Index);
            il.Emit(OpCodes.Call, Own(nameof(Spread)));
            var vector = NewVector();
            EachLane(lane => values[(place, lane)] = vector);
            il.Emit(OpCodes.Stloc, vector);
        }
        foreach (var place in places.Where(p => p.Place == Place.Part))
            EachLane(lane =>
            {
                il.Emit(OpCodes.Call, VectorOps.Zero);
                il.Emit(OpCodes.Stloc, values[(place, lane)] = NewVector());
            });
    }

    static bool IsCopy(string op) => op is "Identity" or "Cast";

    void EachLane(Action<int> emit)
    {
        for (var lane = 0; lane < lanes; lane++)
            emit(lane);
    }

    LocalBuilder NewVector() => il.DeclareLocal(typeof(Vector<float>));

    void Apply(BlockNode node, int lane)
    {
        if (IsCopy(node.Op))
        {
            values[(node.To, lane)] = Value(node.From[0], lane);
            return;
        }
        var isSum = VectorOps.Reductions.TryGetValue(node.Op, out var function);
        if (isSum)
            il.Emit(OpCodes.Ldloc, values[(node.To, lane)]);
        foreach (var place in node.From)
            il.Emit(OpCodes.Ldloc, Value(place, lane));
        il.Emit(OpCodes.Call, function ?? VectorOps.Elementwise[node.Op]);
        var result = isSum ? values[(node.To, lane)] : NewVector();
        il.Emit(OpCodes.Stloc, result);
        values[(node.To, lane)] = result;
    }

    /// <summary>The vector of a place, which is read the first time.</summary>
    LocalBuilder Value(Operand place, int lane)
    {
        if (values.TryGetValue((place, lane), out var known))
            return known;
        var local = values[(place, lane)] = NewVector();
        Address(place, lane);
        il.Emit(OpCodes.Call, VectorOps.Read);
        il.Emit(OpCodes.Stloc, local);
        return local;
    }

    void Store(Operand place, int lane)
    {
        il.Emit(OpCodes.Ldloc, values[(place, lane)]);
        Address(place, lane);
        il.Emit(OpCodes.Call, VectorOps.Write);
    }

    /// <summary>After the loop: adds a sum to that of the blocks before.</summary>
    void Join(Operand part, int lane)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, part.Index);
        il.Emit(OpCodes.Ldloc, values[(part, lane)]);
        il.Emit(OpCodes.Call, Own(nameof(Add)));
    }

    void Address(Operand place, int lane)
    {
        il.Emit(OpCodes.Ldloc, starts[place]);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldc_I4, lane * Vector<float>.Count);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Conv_U);
    }

    static ref float Start(BlockFrame frame, Place place, int index) =>
        ref MemoryMarshal.GetReference(frame[new(place, index)]);

    static Vector<float> Spread(BlockFrame frame, int index) => new(frame.Scalars[index]);

    static void Add(BlockFrame frame, int part, Vector<float> sums)
    {
        Vector.Widen(sums, out var low, out var high);
        frame.Parts[part] += Vector.Sum(low + high);
    }

    static MethodInfo Own(string name) =>
        typeof(FusedLoop).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
}
