namespace OnnxTimm.Conversion;

/// <summary>What each opcode of pickle protocols 2 to 5 does (names as in Lib/pickle.py).</summary>
static class PickleOpcodes
{
    public const byte Stop = (byte)'.';

    const byte HighestProtocol = 5;

    /// <summary>
    /// Indexed by opcode; null where the opcode is unknown, of protocols 0 and 1, or able to reach code.
    /// </summary>
    public static readonly Action<PickleMachine>?[] Table = Fill(new()
    {
        // frames
        { 0x80, Protocol },
        { 0x95, m => m.Cursor.UInt64() },                                        // FRAME
        // stack
        { '(', m => m.Mark() },
        { '0', m => m.Pop() },
        { '1', m => m.PopMark() },
        { '2', m => m.Push(m.Top()) },                                           // DUP
        // values
        { 'N', m => m.Push(null) },
        { 0x88, m => m.Push(true) },
        { 0x89, m => m.Push(false) },
        { 'J', m => m.Push((long)m.Cursor.Int32()) },                            // BININT
        { 'K', m => m.Push((long)m.Cursor.Byte()) },                             // BININT1
        { 'M', m => m.Push((long)m.Cursor.UInt16()) },                           // BININT2
        { 0x8a, m => m.Push(m.Cursor.Integer(m.Cursor.Byte())) },                // LONG1
        { 0x8b, m => m.Push(m.Cursor.Integer(m.Cursor.UInt32())) },              // LONG4
        { 'G', m => m.Push(m.Cursor.Double()) },                                 // BINFLOAT
        { 'U', m => m.Push(m.Cursor.TextOrBytes(m.Cursor.Byte())) },             // SHORT_BINSTRING
        { 'T', m => m.Push(m.Cursor.TextOrBytes(m.Cursor.UInt32())) },           // BINSTRING
        { 0x8c, m => m.Push(m.Cursor.Text(m.Cursor.Byte())) },                   // SHORT_BINUNICODE
        { 'X', m => m.Push(m.Cursor.Text(m.Cursor.UInt32())) },                  // BINUNICODE
        { 0x8d, m => m.Push(m.Cursor.Text(m.Cursor.UInt64())) },                 // BINUNICODE8
        { 'C', m => m.Push(m.Cursor.Take(m.Cursor.Byte()).ToArray()) },          // SHORT_BINBYTES
        { 'B', m => m.Push(m.Cursor.Take(m.Cursor.UInt32()).ToArray()) },        // BINBYTES
        { 0x8e, m => m.Push(m.Cursor.Take(m.Cursor.UInt64()).ToArray()) },       // BINBYTES8
        { 0x96, m => m.Push(m.Cursor.Take(m.Cursor.UInt64()).ToArray()) },       // BYTEARRAY8
        { 0x98, _ => { } },                                                      // READONLY_BUFFER
        // containers
        { ')', m => m.Push(Array.Empty<object?>()) },
        { 't', m => m.Push(m.PopMark()) },
        { 0x85, m => m.PushTuple(1) },
        { 0x86, m => m.PushTuple(2) },
        { 0x87, m => m.PushTuple(3) },
        { ']', m => m.Push(new List<object?>()) },
        { 'l', m => m.Push(m.PopMark().ToList()) },
        { 'a', Append },
        { 'e', m => m.Append(m.PopMark()) },
        { '}', m => m.Push(new PyDict()) },
        { 'd', m => { var pairs = m.PopMark(); m.Push(new PyDict()); m.SetItems(pairs); } },
        { 's', SetItem },
        { 'u', m => m.SetItems(m.PopMark()) },
        { 0x8f, m => m.Push(new HashSet<object?>(PyKeys.Comparer)) },                           // EMPTY_SET
        { 0x90, m => m.Unite(m.PopMark()) },
        { 0x91, FrozenSet },
        // memo
        { 'q', m => m.Put(m.Cursor.Byte()) },
        { 'r', m => m.Put(m.Cursor.UInt32()) },
        { 0x94, m => m.Memoize() },
        { 'h', m => m.Get(m.Cursor.Byte()) },
        { 'j', m => m.Get(m.Cursor.UInt32()) },
        // objects
        { 'c', m => m.PushGlobal(m.Cursor.Line(), m.Cursor.Line()) },
        { 0x93, StackGlobal },
        { 'R', m => m.Call() },
        { 0x81, m => m.Call() },                                                 // NEWOBJ
        { 0x92, m => m.CallNamed() },                                            // NEWOBJ_EX
        { 'b', m => m.Build() },
        { 'Q', m => m.PersistentLoad() },
    });

    static void Protocol(PickleMachine m)
    {
        var version = m.Cursor.Byte();
        if (version > HighestProtocol)
            throw m.Cursor.Fault($"pickle protocol {version} is unknown");
    }

    static void Append(PickleMachine m)
    {
        m.PushTuple(1);
        m.Append(m.Pop<object?[]>());
    }

    static void FrozenSet(PickleMachine m)
    {
        var items = m.PopMark();
        m.Push(new HashSet<object?>(PyKeys.Comparer));
        m.Unite(items);
    }

    static void SetItem(PickleMachine m)
    {
        m.PushTuple(2);
        m.SetItems(m.Pop<object?[]>());
    }

    static void StackGlobal(PickleMachine m)
    {
        var name = m.Pop<string>();
        m.PushGlobal(m.Pop<string>(), name);
    }

    static Action<PickleMachine>?[] Fill(Dictionary<int, Action<PickleMachine>> rows)
    {
        var table = new Action<PickleMachine>?[256];
        foreach (var (code, run) in rows)
            table[code] = run;
        return table;
    }
}
