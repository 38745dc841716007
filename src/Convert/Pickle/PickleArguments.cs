namespace OnnxTimm.Conversion;

/// <summary>A function or type that a pickle may name.</summary>
record PyGlobal(string Name, Func<PickleArguments, object?> Call)
{
    /// <summary>False for what stays an opaque name.</summary>
    public bool IsKnown { get; init; } = true;
}

/// <summary>Arguments of a call, checked one by one, since a file can hold anything.</summary>
readonly record struct PickleArguments(string Callee, object?[] Values, Func<string, UserException> Fault)
{
    public int Count => Values.Length;

    /// <summary>Argument <paramref name="i"/>, which must be there and be a <typeparamref name="T"/>.</summary>
    public T Get<T>(int i) => i < Values.Length && Values[i] is T value ? value : throw Wrong(i);

    /// <summary>Argument <paramref name="i"/> as a list of sizes: integers from zero.</summary>
    public long[] Sizes(int i)
    {
        var callee = this;
        return [.. Get<object?[]>(i).Select(item => item is long size and >= 0 ? size : throw callee.Wrong(i))];
    }

    public long Size(int i) => Get<long>(i) is >= 0 and var size ? size : throw Wrong(i);

    UserException Wrong(int i) => Fault($"{Callee} has a wrong argument {i + 1}");
}
