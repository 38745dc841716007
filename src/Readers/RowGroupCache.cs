namespace OnnxTimm.Data;

/// <summary>
/// The images of row groups that were read last. A row group is unpacked as a whole: what is needed next should not
/// cost that again, and all of a large set cannot stay.
/// </summary>
/// <param name="load">Reads the images of a group.</param>
/// <param name="groups">Number of groups.</param>
/// <param name="mostBytes">Bytes that may stay.</param>
sealed class RowGroupCache(Func<int, ReadOnlyMemory<byte>[]> load, int groups, long mostBytes)
{
    readonly object[] gates = [.. Enumerable.Range(0, groups).Select(_ => new object())];
    readonly Dictionary<int, (ReadOnlyMemory<byte>[] Images, long Bytes)> held = [];
    readonly LinkedList<int> order = [];
    long bytes;

    public ReadOnlyMemory<byte> Image(int group, int row)
    {
        // One thread unpacks a group; others go on with theirs.
        lock (gates[group])
            return (Find(group) ?? Keep(group, load(group)))[row];
    }

    ReadOnlyMemory<byte>[]? Find(int group)
    {
        lock (held)
        {
            if (!held.TryGetValue(group, out var found))
                return null;
            order.Remove(group);
            order.AddLast(group);
            return found.Images;
        }
    }

    ReadOnlyMemory<byte>[] Keep(int group, ReadOnlyMemory<byte>[] images)
    {
        lock (held)
        {
            held[group] = (images, images.Sum(i => (long)i.Length));
            order.AddLast(group);
            bytes += held[group].Bytes;
            while (bytes > mostBytes && order.First is { } oldest && oldest.Value != group)
            {
                held.Remove(oldest.Value, out var gone);
                order.RemoveFirst();
                bytes -= gone.Bytes;
            }
            return images;
        }
    }
}
