namespace OnnxTimm;

/// <summary>What a value is to its graph.</summary>
public enum Role
{
    /// <summary>Computed by a node.</summary>
    Node,

    /// <summary>Fed at each run.</summary>
    Input,

    /// <summary>An array that belongs to the computation: axes, masks, sizes.</summary>
    Constant,

    /// <summary>A weight: learned by training, found in checkpoints.</summary>
    Param,

    /// <summary>
    /// A running statistic of a batch norm, or another number that is found in checkpoints and has no gradient: what
    /// training moves, if anything, follows from the data.
    /// </summary>
    Stat,
}

/// <summary>
/// A tensor that flows through a graph: fed, stored, or computed by a node. Compared by reference.
/// Operators and layers are extension methods on it (Ops/ and Layers/).
/// </summary>
public sealed class Value
{
    Layout? layout;

    internal Value(Graph graph, string name, Role role, DType type, Shape shape) =>
        (Graph, Name, Role, Type, Shape) = (graph, name, role, type, shape);

    /// <summary>The graph that it is in.</summary>
    public Graph Graph { get; }

    /// <summary>Unique in the graph; a parameter's is timm's.</summary>
    public string Name { get; internal set; }

    /// <summary>What it is to the graph.</summary>
    public Role Role { get; }

    /// <summary>Type of the elements.</summary>
    public DType Type { get; internal set; }

    /// <summary>Its dimensions; in a file of somebody else's they may be unknown.</summary>
    public Shape Shape { get; internal set; }

    /// <summary>True for a sequence of tensors of that type, as the on-device-training format has it.</summary>
    public bool IsSequence { get; internal set; }

    /// <summary>The node that computes it; null for inputs and stored values.</summary>
    public Node? Producer { get; internal init; }

    /// <summary>The content of a constant, a parameter or a statistic; null for every other role.</summary>
    public Tensor? Data
    {
        get;
        set => field = value is null || (value.Type == Type && Shape.Equals((Shape)value.Shape))
            ? value
            : throw new UserException($"\"{Name}\" is {Type}{Shape} and cannot hold {value}.");
    }

    /// <summary>True for what a checkpoint holds: parameters and statistics.</summary>
    public bool IsWeight => Role is Role.Param or Role.Stat;

    /// <summary>True for a parameter that its network spares weight decay: <see cref="NoDecay"/>.</summary>
    public bool IsSpared { get; private set; }

    /// <summary>Spares a parameter weight decay, as timm's no_weight_decay, and hands it on.</summary>
    public Value NoDecay()
    {
        IsSpared = true;
        return this;
    }

    /// <summary>Where a map or tokens have their channels, as far as the graph tells.</summary>
    public Layout Layout => layout ??= Layouts.Of(this);

    /// <summary>Says where the channels of a map are that its operators no longer tell, and hands it on.</summary>
    public Value As(Layout map)
    {
        layout = map;
        return this;
    }

    /// <summary>Channels of a map, [N, C, H, W] unless its layout says otherwise, or of tokens.</summary>
    public int Channels => (int)Shape[Layout == Layout.ChannelsLast ? -1 : 1].Size;

    /// <summary>Height of a map, [N, C, H, W] unless its layout says otherwise.</summary>
    public int Height => (int)Shape[Layout == Layout.ChannelsLast ? 1 : 2].Size;

    /// <summary>Width of a map, [N, C, H, W] unless its layout says otherwise.</summary>
    public int Width => (int)Shape[Layout == Layout.ChannelsLast ? 2 : 3].Size;

    /// <summary>Size of the last axis: the width of tokens [N, L, D], the channels of [N, H, W, C].</summary>
    /// <exception cref="InvalidOperationException">It is a map whose channels come first.</exception>
    public int Features => Layout != Layout.ChannelsFirst ? (int)Shape[-1].Size
        : throw new InvalidOperationException($"{this} has its channels first: a layer on the last axis would mix the "
            + "pixels of a row. ChannelsLast() before it, or the layer's 2d form.");

    /// <summary>By element, broadcast.</summary>
    public static Value operator +(Value a, Value b) => a.Add(b);

    /// <summary>By element, broadcast.</summary>
    public static Value operator -(Value a, Value b) => a.Sub(b);

    /// <summary>By element, broadcast; no product of matrices.</summary>
    public static Value operator *(Value a, Value b) => a.Mul(b);

    /// <summary>By element, broadcast.</summary>
    public static Value operator /(Value a, Value b) => a.Div(b);

    /// <summary>Of each element.</summary>
    public static Value operator -(Value a) => a.Neg();

    /// <summary>The number has the value's type.</summary>
    public static Value operator +(Value a, double b) => a.Add(a.Like(b));

    /// <summary>The number has the value's type.</summary>
    public static Value operator -(Value a, double b) => a.Sub(a.Like(b));

    /// <summary>The number has the value's type.</summary>
    public static Value operator *(Value a, double b) => a.Mul(a.Like(b));

    /// <summary>The number has the value's type.</summary>
    public static Value operator /(Value a, double b) => a.Div(a.Like(b));

    /// <summary>The number has the value's type.</summary>
    public static Value operator +(double a, Value b) => b.Like(a).Add(b);

    /// <summary>The number has the value's type.</summary>
    public static Value operator -(double a, Value b) => b.Like(a).Sub(b);

    /// <summary>The number has the value's type.</summary>
    public static Value operator *(double a, Value b) => b.Like(a).Mul(b);

    /// <summary>The number has the value's type.</summary>
    public static Value operator /(double a, Value b) => b.Like(a).Div(b);

    /// <summary>Name, type and shape, for messages.</summary>
    public override string ToString() => $"{Name} {(IsSequence ? "seq " : "")}{Type}{Shape}";

    Value Like(double scalar) => Graph.Scalar(scalar, Type);
}
