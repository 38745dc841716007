namespace OnnxTimm.Models;

// How a network ends.
public sealed partial class Net
{
    readonly List<string> classifiers = [];
    Func<Value[], Value> join = Mean;

    /// <summary>Prefixes of the classifiers, also of those that 0 classes leave out.</summary>
    public IReadOnlyList<string> Classifiers => classifiers;

    /// <summary>The unpooled results, one but for networks of several scales: timm's forward_features.</summary>
    public IReadOnlyList<Value> Features { get; private set; } = [];

    /// <summary>What each classifier reads.</summary>
    public IReadOnlyList<Value> PreLogits { get; private set; } = [];

    /// <summary>The logits of each head; their mean is the network's.</summary>
    public IReadOnlyList<Value> Logits { get; private set; } = [];

    /// <summary>Says what the unpooled results are, where they are not what the head is given.</summary>
    public void Unpooled(params Value[] results) => Features = results;

    /// <summary>What the classifiers read, joined: timm's forward_head(pre_logits=True).</summary>
    public Value JoinedPreLogits() => join([.. PreLogits]);

    /// <summary>Pools and classifies; gives the pooled features themselves for 0 classes.</summary>
    /// <exception cref="UserException">There is no such pool, or no classifier without one.</exception>
    public Value Head(Value x, Head head)
    {
        if (Features.Count == 0)
            Features = [x];
        return Heads([(head, head.Read(x, options.GlobalPool))]);
    }

    /// <summary>
    /// Several heads, each over what its classifier reads: the mean of their logits, in training too. For 0 classes
    /// what they read, joined.
    /// </summary>
    /// <param name="heads">Classifiers with what they read.</param>
    /// <param name="join">How the family joins what they read; the mean by default.</param>
    public Value Heads((Head Head, Value PreLogits)[] heads, Func<Value[], Value>? join = null)
    {
        this.join = join ?? Mean;
        classifiers.AddRange(heads.Select(head => head.Head.Scope.Prefix));
        PreLogits = [.. heads.Select(head => head.PreLogits)];
        if (NumClasses == 0)
            return JoinedPreLogits();
        Logits = [.. heads.Select(h => h.Head.Classifier(h.PreLogits, h.Head.Scope, NumClasses, options.DropRate))];
        return Mean([.. Logits]);
    }

    /// <summary>The two heads of a distilled network: of the class token, and of the teacher's behind it.</summary>
    /// <exception cref="UserException">Another pool is asked for than the tokens themselves.</exception>
    public Value DistilledHeads(Value tokens, Scope s)
    {
        Unpooled(tokens);
        var first = GlobalPool.Needed(tokens, options.GlobalPool ?? "token", 2, ["token"]);
        return Heads([(new(s["head"]), first), (new(s["head_dist"]), tokens.Token(1))]);
    }

    /// <summary>The mean of values of one shape.</summary>
    public static Value Mean(Value[] values) =>
        values is [var only] ? only : values.Aggregate((a, b) => a + b) / values.Length;
}
