namespace OnnxTimm;

/// <summary>How large a tensor can be that lies in one array of .NET.</summary>
public static class TensorMemory
{
    /// <summary>The number of elements of a tensor.</summary>
    /// <param name="name">The tensor, for the message.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Bytes of an element.</param>
    /// <exception cref="UserException">One array cannot hold it.</exception>
    public static int Count(string name, long[] shape, int size = sizeof(float))
    {
        var bytes = shape.Aggregate((double)size, (product, d) => product * d);
        return bytes <= Array.MaxLength ? (int)bytes / size : throw new UserException(
            $"\"{name}\" [{string.Join(", ", shape)}] takes {bytes:N0} bytes in memory, at most {Array.MaxLength:N0} "
            + "can be: fewer classes, a smaller image or a smaller batch take less.");
    }
}
