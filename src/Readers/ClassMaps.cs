using OnnxTimm.Conversion;

namespace OnnxTimm.Data;

/// <summary>Reads class maps of every form: those of <see cref="ClassMap.Load"/>, and pickles.</summary>
public static class ClassMaps
{
    /// <summary>Reads a class map.</summary>
    /// <param name="file">A file; .pkl is a pickled dictionary of labels by class.</param>
    /// <param name="root">Where a relative path may begin.</param>
    /// <exception cref="UserException">It is absent, or no class map.</exception>
    public static ClassMap Load(string file, string root)
    {
        if (!Path.GetExtension(file).Equals(".pkl", StringComparison.OrdinalIgnoreCase))
            return ClassMap.Load(file, root);
        var path = ClassMap.Find(file, root);
        return PickleFile.Load(path) is PyDict { Count: > 0 } map && map.All(c => c is { Key: string, Value: long })
            ? ClassMap.Of(map.Select(c => KeyValuePair.Create((string)c.Key, (long)c.Value!)), path)
            : throw new UserException($"The class map {path} is no dictionary of labels by class.");
    }
}
