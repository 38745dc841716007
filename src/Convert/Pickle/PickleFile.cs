namespace OnnxTimm.Conversion;

/// <summary>Reads a pickle without tensors of PyTorch: dictionaries, lists, texts, numbers, arrays.</summary>
public static class PickleFile
{
    /// <summary>
    /// The object in a file: <see cref="PyDict"/>, a list or array of objects, text, bytes, long, double, bool, null,
    /// or a <see cref="Tensor"/> for a NumPy array. Nothing in the file is run.
    /// </summary>
    /// <exception cref="UserException">It is no such pickle.</exception>
    public static object? Load(string path)
    {
        using var file = MappedFile.Open(path);
        var cursor = new ByteCursor(file, "pickle", file.From(0));
        return Plain(new PickleMachine(cursor, _ => throw cursor.Fault("a storage where none belongs")).Run(), file);
    }

    /// <summary>Arrays as tensors, of themselves and in a dictionary.</summary>
    static object? Plain(object? value, MappedFile file)
    {
        if (value is PyDict map)
            foreach (var (key, item) in map.ToArray())
                if (item is NumpyArray)
                    map[key] = Plain(item, file);
        return value is NumpyArray array
            ? array.Tensor ?? throw file.Fault("an array in it has no form of a tensor") : value;
    }
}
