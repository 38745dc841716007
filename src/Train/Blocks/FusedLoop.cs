using System.Collections.Frozen;
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
/// the same operations as one operator after the other. All values are float32, as in <see cref="BlockOps"/>: true is 1
/// and false 0, so that And is a product and Cast a copy.
/// </summary>
sealed class FusedLoop
{
    delegate void Loop(BlockFrame frame, int count);

    static readonly FrozenDictionary<string, MethodInfo> Operators = new Dictionary<string, MethodInfo>
    {
        { "Add", Operator("op_Addition") },
        { "Sub", Operator("op_Subtraction") },
        { "Mul", Operator("op_Multiply") },
        { "Div", Operator("op_Division") },
        { "And", Operator("op_Multiply") },
        { "Min", Function(nameof(Vector.Min), 2) },
        { "Max", Function(nameof(Vector.Max), 2) },
        { "Neg", Function(nameof(Vector.Negate), 1) },
        { "Abs", Function(nameof(Vector.Abs), 1) },
        { "Sqrt", Function(nameof(Vector.SquareRoot), 1) },
        { "Reciprocal", Own(nameof(Reciprocal)) },
        { "Greater", Own(nameof(Greater)) },
        { "Less", Own(nameof(Less)) },
        { "Where", Own(nameof(Where)) },
    }.ToFrozenDictionary();

    readonly DynamicMethod method = new("loop", typeof(void), [typeof(BlockFrame), typeof(int)],
        typeof(FusedLoop).Module, skipVisibility: true);

    readonly Dictionary<Operand, LocalBuilder> starts = [];
    readonly Dictionary<Operand, LocalBuilder> values = [];
    readonly LocalBuilder at;
    readonly ILGenerator il;

    FusedLoop()
    {
        il = method.GetILGenerator();
        at = il.DeclareLocal(typeof(int));
    }

    /// <summary>Whether an operator can be part of a loop.</summary>
    public static bool Has(string op) => IsCopy(op) || Operators.ContainsKey(op);

    /// <summary>One step for several.</summary>
    /// <param name="nodes">The operators, in order.</param>
    /// <param name="kept">The places whose content is read later.</param>
    /// <param name="single">The same as a step each, for the elements after the last whole vector.</param>
    public static BlockStep Of(IReadOnlyList<BlockNode> nodes, IReadOnlySet<Operand> kept, BlockStep[] single)
    {
        var loop = new FusedLoop().Compile(nodes, kept);
        return frame =>
        {
            var whole = frame.Count - frame.Count % Vector<float>.Count;
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
        foreach (var place in nodes.SelectMany(n => n.From.Append(n.To)).Distinct())
            Find(place);
        var (body, test) = (il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Br, test);
        il.MarkLabel(body);
        foreach (var node in nodes)
            Apply(node);
        foreach (var place in nodes.Select(n => n.To).Distinct().Where(kept.Contains))
            Store(place);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldc_I4, Vector<float>.Count);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, at);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Blt, body);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Loop>();
    }

    /// <summary>Before the loop: where a place begins, or the vector of a scalar.</summary>
    void Find(Operand place)
    {
        var isScalar = place.Place == Place.Scalar;
        var local = il.DeclareLocal(isScalar ? typeof(Vector<float>) : typeof(float).MakeByRefType());
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, (int)place.Place);
        il.Emit(OpCodes.Ldc_I4, place.Index);
        il.Emit(OpCodes.Call, Own(isScalar ? nameof(Spread) : nameof(Start)));
        il.Emit(OpCodes.Stloc, local);
        (isScalar ? values : starts)[place] = local;
    }

    static bool IsCopy(string op) => op is "Identity" or "Cast";

    void Apply(BlockNode node)
    {
        if (IsCopy(node.Op))
        {
            values[node.To] = Value(node.From[0]);
            return;
        }
        foreach (var place in node.From)
            il.Emit(OpCodes.Ldloc, Value(place));
        il.Emit(OpCodes.Call, Operators[node.Op]);
        var result = il.DeclareLocal(typeof(Vector<float>));
        il.Emit(OpCodes.Stloc, result);
        values[node.To] = result;
    }

    /// <summary>The vector of a place, which is read the first time.</summary>
    LocalBuilder Value(Operand place)
    {
        if (values.TryGetValue(place, out var known))
            return known;
        var local = values[place] = il.DeclareLocal(typeof(Vector<float>));
        Address(place);
        il.Emit(OpCodes.Call, Read);
        il.Emit(OpCodes.Stloc, local);
        return local;
    }

    void Store(Operand place)
    {
        il.Emit(OpCodes.Ldloc, values[place]);
        Address(place);
        il.Emit(OpCodes.Call, Write);
    }

    void Address(Operand place)
    {
        il.Emit(OpCodes.Ldloc, starts[place]);
        il.Emit(OpCodes.Ldloc, at);
        il.Emit(OpCodes.Conv_U);
    }

    static ref float Start(BlockFrame frame, Place place, int index) =>
        ref MemoryMarshal.GetReference(frame[new(place, index)]);

    static Vector<float> Spread(BlockFrame frame, Place place, int index) => new(frame[new(place, index)][0]);

    static Vector<float> Reciprocal(Vector<float> x) => Vector<float>.One / x;

    static Vector<float> Greater(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.GreaterThan(a, b), Vector<float>.One, Vector<float>.Zero);

    static Vector<float> Less(Vector<float> a, Vector<float> b) => Greater(b, a);

    static Vector<float> Where(Vector<float> condition, Vector<float> yes, Vector<float> no) =>
        Vector.ConditionalSelect(Vector.Equals(condition, Vector<float>.Zero), no, yes);

    static MethodInfo Read { get; } = Memory(nameof(Vector.LoadUnsafe));

    static MethodInfo Write { get; } = Memory(nameof(Vector.StoreUnsafe));

    /// <summary>Of several of that name the one with a number of elements.</summary>
    static MethodInfo Memory(string name) => typeof(Vector).GetMethods()
        .Single(m => m.Name == name && m.IsGenericMethodDefinition
            && m.GetParameters()[^1].ParameterType == typeof(nuint))
        .MakeGenericMethod(typeof(float));

    static MethodInfo Operator(string name) =>
        typeof(Vector<float>).GetMethod(name, [typeof(Vector<float>), typeof(Vector<float>)])!;

    static MethodInfo Function(string name, int arity) => typeof(Vector).GetMethods()
        .Single(m => m.Name == name && m.IsGenericMethodDefinition && m.GetParameters().Length == arity)
        .MakeGenericMethod(typeof(float));

    static MethodInfo Own(string name) =>
        typeof(FusedLoop).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
}
