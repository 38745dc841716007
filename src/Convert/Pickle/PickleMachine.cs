namespace OnnxTimm.Conversion;

/// <summary>
/// The stack machine of Python's pickle, protocols 2 to 5 (Lib/pickle.py). It builds plain containers and calls the
/// functions of <see cref="PickleConstructors"/>; every other name is refused when it appears. A step costs constant
/// time and memory (a call is charged by the size of its arguments), and steps, marks and lengths are bounded, so that
/// a hostile file ends in a message.
/// </summary>
/// <param name="cursor">The bytes.</param>
/// <param name="persistent">Resolves a persistent id, which is how PyTorch refers to a storage.</param>
sealed class PickleMachine(ByteCursor cursor, Func<object?, object?> persistent)
{
    const int MaxSteps = 4_000_000;
    const int MaxMarks = 1000;

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

    public void PushGlobal(string module, string name) => Push(PickleConstructors.Find(module, name)
        ?? throw cursor.Fault($"it asks for {module}.{name}, and only tensors and plain containers are read: "
            + "nothing in a checkpoint is run. Save the state_dict alone, or as safetensors"));

    public void Call()
    {
        var arguments = Pop<object?[]>();
        var callee = Pop<PyGlobal>();
        foreach (var argument in arguments)
            Spend(SizeOf(argument));
        Push(callee.Call(new PickleArguments(callee.Name, arguments, cursor.Fault)));
    }

    public void Build()
    {
        var state = Pop();
        if (Top() is IBuilt built)
            built.Build(state);
    }

    public void SetItems(object?[] pairs)
    {
        var target = Top<PyDict>();
        if (pairs.Length % 2 != 0)
            throw cursor.Fault("a key has no value");
        for (var i = 0; i < pairs.Length; i += 2)
            target[pairs[i] ?? "None"] = pairs[i + 1];
    }

    void Spend(int steps)
    {
        spent += steps;
        if (spent > MaxSteps)
            throw cursor.Fault($"it takes more than {MaxSteps} steps");
    }

    static int SizeOf(object? argument) => argument switch
    {
        string text => text.Length / 16,
        System.Collections.ICollection items => items.Count,
        HashSet<object?> set => set.Count,
        _ => 1,
    };

    public void PersistentLoad() => Push(persistent(Pop()));
}
