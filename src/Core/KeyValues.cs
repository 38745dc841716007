namespace OnnxTimm;

/// <summary>Settings that are written as KEY=VALUE.</summary>
public static class KeyValues
{
    /// <summary>The settings by their keys; of a key that is given twice the last holds, as of a flag.</summary>
    /// <param name="settings">Words such as "eps=1e-8".</param>
    /// <param name="what">What a word without "=" is not, such as "setting of ONNX Runtime".</param>
    /// <exception cref="UserException">A word has no key or no "=".</exception>
    public static Dictionary<string, string> Parse(IEnumerable<string> settings, string what)
    {
        var values = new Dictionary<string, string>();
        foreach (var setting in settings)
            values[setting.Split('=')[0]] = setting.IndexOf('=') is > 0 and var sign ? setting[(sign + 1)..]
                : throw new UserException($"\"{setting}\" is no {what}: write key=value.");
        return values;
    }
}
