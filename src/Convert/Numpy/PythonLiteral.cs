namespace OnnxTimm.Conversion;

/// <summary>
/// Parses a Python literal: texts, whole numbers, True, False, None, and tuples, lists and dictionaries of them. All
/// else, names and calls above all, is refused; nothing is ever evaluated.
/// </summary>
sealed class PythonLiteral(string text, Func<string, UserException> fault)
{
    const int MaxDepth = 16;

    static readonly Dictionary<string, object?> Words = new()
    {
        { "True", true },
        { "False", false },
        { "None", null },
    };

    int at;

    /// <summary>The one value that the text consists of: PyDict, List, string, long, bool or null.</summary>
    public object? Read()
    {
        var value = Value(0);
        Next();
        return at == text.Length ? value : throw Fault();
    }

    object? Value(int depth) => depth > MaxDepth ? throw Fault() : Next() switch
    {
        '{' => Dictionary(depth + 1),
        '(' => Items(')', depth + 1),
        '[' => Items(']', depth + 1),
        '\'' or '"' => Text(),
        '-' or (>= '0' and <= '9') => Integer(),
        _ => Word(),
    };

    PyDict Dictionary(int depth)
    {
        var result = new PyDict();
        Each('}', () =>
        {
            var key = Value(depth) as string ?? throw Fault();
            if (Next() != ':')
                throw Fault();
            at++;
            result[key] = Value(depth);
        });
        return result;
    }

    List<object?> Items(char close, int depth)
    {
        var result = new List<object?>();
        Each(close, () => result.Add(Value(depth)));
        return result;
    }

    /// <summary>Reads items that commas part, up to a bracket; a comma may come before it.</summary>
    void Each(char close, Action item)
    {
        at++;
        while (Next() != close)
        {
            item();
            if (Next() == ',')
                at++;
            else if (Next() != close)
                throw Fault();
        }
        at++;
    }

    string Text()
    {
        var length = text.AsSpan(at + 1).IndexOf(text[at]);
        if (length < 0 || text.AsSpan(at + 1, length).Contains('\\'))
            throw Fault();
        var value = text.Substring(at + 1, length);
        at += length + 2;
        return value;
    }

    /// <summary>A whole number; Python 2 put an L behind some.</summary>
    long Integer()
    {
        var rest = text.AsSpan(at);
        var length = rest[1..].IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end + 1 : rest.Length;
        if (!long.TryParse(rest[..length], out var value))
            throw Fault();
        at += length < rest.Length && rest[length] == 'L' ? length + 1 : length;
        return value;
    }

    object? Word()
    {
        var length = text.AsSpan(at).IndexOfAnyExceptInRange('A', 'z') is var end and >= 0 ? end : text.Length - at;
        if (!Words.TryGetValue(text.Substring(at, length), out var value))
            throw Fault();
        at += length;
        return value;
    }

    /// <summary>The next character that is no white space; NUL at the end.</summary>
    char Next()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at < text.Length ? text[at] : '\0';
    }

    UserException Fault() => fault($"has a header that is no literal of Python (character {at})");
}
