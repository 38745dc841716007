namespace OnnxTimm.Conversion;

/// <summary>
/// The stack machine of Python's pickle, protocols 2 to 5 (Lib/pickle.py). It builds plain containers and calls the
/// functions of <see cref="PickleConstructors"/>; whatever else a file asks for stays an opaque name, and what only an
/// attack asks for is refused. A step costs constant time and memory (calls, states and keys are charged by their
/// size), and steps, marks and lengths are bounded, so that a hostile file ends in a message.
/// </summary>
/// <param name="cursor">The bytes.</param>
/// <param name="persistent">Resolves a persistent id, which is how PyTorch refers to a storage.</param>
sealed class PickleMachine(ByteCursor cursor, Func<object?, object?> persistent)
{
    const int MaxSteps = 4_000_000;
    const int MaxMarks = 1000;
    // A long pickle may take more: what it holds is charged by its bytes.
    readonly long mostSteps = Math.Max(MaxSteps, cursor.Length / 4L);

    readonly List<object?> stack = [];
    readonly List<int> marks = [];
    readonly Dictionary<uint, object?> memo = [];
    long spent;

    public ByteCursor Cursor => cursor;

    int Floor => marks.Count > 0 ? marks[^1] : 0;

    /// <summary>Runs to STOP and gives the object; the cursor stands behind it.</summary>
    public object? Run()
    {
        while (true)
        {
            Spend(1);
            var code = cursor.Byte();
            if (code == PickleOpcodes.Stop)
                return Pop();
            var run = PickleOpcodes.Table[code] ?? throw cursor.Fault($"opcode 0x{code:x2} is not supported");
            run(this);
        }
    }

    public void Push(object? value) => stack.Add(value);

    public object? Pop()
    {
        var value = Top();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    public object? Top() => stack.Count > Floor ? stack[^1] : throw cursor.Fault("the stack is empty");

    /// <summary>The topmost value, which must be a <typeparamref name="T"/>.</summary>
    public T Top<T>() => Top() is T value ? value : throw cursor.Fault($"no {typeof(T).Name} where one is needed");

    public T Pop<T>()
    {
        var value = Top<T>();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    public void Mark()
    {
        if (marks.Count == MaxMarks)
            throw cursor.Fault($"more than {MaxMarks} open marks");
        marks.Add(stack.Count);
    }

    /// <summary>Takes what lies above the last mark, and the mark.</summary>
    public object?[] PopMark()
    {
        if (marks.Count == 0)
            throw cursor.Fault("there is no mark");
        var values = stack.GetRange(marks[^1], stack.Count - marks[^1]).ToArray();
        stack.RemoveRange(marks[^1], values.Length);
        marks.RemoveAt(marks.Count - 1);
        return values;
    }

    public void PushTuple(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            values[i] = Pop();
        Push(values);
    }

    public void Put(uint index) => memo[index] = Top();

    public void Memoize() => Put((uint)memo.Count);

    public void Get(uint index) =>
        Push(memo.TryGetValue(index, out var value) ? value : throw cursor.Fault($"memo {index} is empty"));

    public void PushGlobal(string module, string name)
    {
        Charge(module);
        Charge(name);
        Push(PickleConstructors.Find(module, name) ?? (PyOpaque.IsHostile(module, name)
            ? throw cursor.Fault($"it asks for {module}.{name}, which no weights need: it may be an attack. Nothing in "
                + "a checkpoint is run")
            : PyOpaque.Named($"{module}.{name}")));
    }

    public void Call()
    {
        var arguments = Pop<object?[]>();
        var callee = Pop<PyGlobal>();
        Charge(arguments);
        Push(callee.Call(new PickleArguments(callee.Name, arguments, cursor.Fault)));
    }

    /// <summary>A new object of arguments and of arguments by name (NEWOBJ_EX).</summary>
    public void CallNamed()
    {
        var named = Pop<PyDict>();
        if (named.Count > 0 && stack is [.., PyGlobal { IsKnown: true } callee, _])
            throw cursor.Fault($"it calls {callee.Name} with arguments by name");
        Call();
        if (Top() is PyOpaque opaque)
            opaque.Take(named);
    }

    public void Build()
    {
        var state = Pop();
        Charge(state);
        if (Top() is IBuilt built)
            built.Build(state);
    }

    public void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw cursor.Fault("a key has no value");
        if (TakesAsOpaque(pairs))
            return;
        var target = Top<PyDict>();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            Charge(pairs[i]);
            target[pairs[i] ?? "None"] = pairs[i + 1];
        }
    }

    public void Append(object?[] items)
    {
        if (!TakesAsOpaque(items))
            Top<List<object?>>().AddRange(items);
    }

    public void Unite(object?[] items)
    {
        Charge(items);
        if (!TakesAsOpaque(items))
            Top<HashSet<object?>>().UnionWith(items);
    }

    /// <summary>A dictionary, list or set of a kind that is not known takes its items as a state.</summary>
    bool TakesAsOpaque(object?[] items)
    {
        if (Top() is not PyOpaque opaque)
            return false;
        Charge(items);
        opaque.Take(items);
        return true;
    }

    void Spend(int steps)
    {
        spent += steps;
        if (spent > mostSteps)
            throw cursor.Fault($"it takes more than {mostSteps} steps");
    }

    /// <summary>Charges what it takes to copy, compare or look through a value.</summary>
    void Charge(object? value, int depth = 3)
    {
        Spend(SizeOf(value));
        if (depth > 0 && (value is PyDict map ? map.Values : value as IEnumerable<object?>) is { } items)
            foreach (var item in items)
                Charge(item, depth - 1);
    }

    static int SizeOf(object? argument) => argument switch
    {
        string text => text.Length / 16,
        byte[] bytes => bytes.Length / 16,
        System.Collections.ICollection items => items.Count,
        HashSet<object?> set => set.Count,
        _ => 1,
    };

    public void PersistentLoad()
    {
        var id = Pop();
        Charge(id);
        Push(persistent(id));
    }
}
