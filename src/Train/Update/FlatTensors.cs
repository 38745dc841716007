namespace OnnxTimm.Train;

/// <summary>Names and shapes of a set of tensors, and where each begins when they lie one behind the other.</summary>
public sealed class TensorLayout
{
    /// <summary>Each tensor begins at a cache line.</summary>
    const int Align = 16;

    readonly Dictionary<string, int> index;
    readonly int[] starts;

    /// <exception cref="UserException">They are too large to lie in one array.</exception>
    public TensorLayout(IEnumerable<(string Name, long[] Shape)> tensors)
    {
        (string Name, long[] Shape)[] list = [.. tensors];
        Names = [.. list.Select(t => t.Name)];
        Shapes = [.. list.Select(t => t.Shape)];
        index = Names.Index().ToDictionary(n => n.Item, n => n.Index);
        starts = new int[list.Length + 1];
        for (var i = 0; i < list.Length; i++)
            starts[i + 1] = TensorMemory.Count("all tensors", [starts[i] + (Count(i) + Align - 1L) / Align * Align]);
    }

    /// <summary>In the order in which they lie.</summary>
    public string[] Names { get; }

    /// <summary>In the order of the names.</summary>
    public long[][] Shapes { get; }

    /// <summary>Elements of all tensors with the gaps between them.</summary>
    public int Length => starts[^1];

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => index.ContainsKey(name);

    /// <summary>Start and number of elements.</summary>
    public (int Start, int Count) this[string name] => (starts[index[name]], Count(index[name]));

    /// <summary>The sizes of a tensor, whose name must be there.</summary>
    public long[] ShapeOf(string name) => Shapes[index[name]];

    int Count(int i) => TensorMemory.Count(Names[i], Shapes[i]);
}

/// <summary>
/// Tensors of float32 in one pinned array: a runtime can be bound to each of them once, and what concerns all (norms,
/// averages over machines) is one pass. The gaps hold zeros.
/// </summary>
public sealed class FlatTensors
{
    readonly float[] data;

    /// <summary>All elements begin the same; the gaps stay 0.</summary>
    public FlatTensors(TensorLayout layout, float initial = 0)
    {
        Layout = layout;
        data = GC.AllocateArray<float>(layout.Length, pinned: true);
        if (initial != 0)
            foreach (var name in layout.Names)
                this[name].Span.Fill(initial);
    }

    /// <summary>Where each tensor lies.</summary>
    public TensorLayout Layout { get; }

    /// <summary>Everything, gaps included.</summary>
    public Memory<float> All => data;

    /// <summary>The elements of a tensor, to read and write.</summary>
    public Memory<float> this[string name]
    {
        get
        {
            var (start, count) = Layout[name];
            return data.AsMemory(start, count);
        }
    }

    /// <summary>The tensor of a name, without a copy.</summary>
    public Tensor Tensor(string name) => OnnxTimm.Tensor.Over(this[name], Layout.ShapeOf(name));

    /// <summary>Takes the content of another set of the same layout.</summary>
    public void CopyFrom(FlatTensors other) => other.data.CopyTo(data, 0);
}
