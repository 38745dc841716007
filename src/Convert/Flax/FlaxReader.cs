using System.Globalization;

namespace OnnxTimm.Conversion;

/// <summary>
/// Reads what flax.serialization writes: one msgpack map of nested maps. The names of its arrays are the keys on the
/// way to them, joined with "/" (as NumPy archives of Flax models have them).
/// </summary>
static class FlaxReader
{
    /// <summary>True when the content begins like a msgpack map with a text as its first key.</summary>
    public static bool Resembles(ReadOnlySpan<byte> head)
    {
        var at = head[0] switch { >= 0x81 and <= 0x8f => 1, 0xde => 3, 0xdf => 5, _ => head.Length };
        return at < head.Length && head[at] is (>= 0xa0 and < 0xc0) or 0xd9 or 0xda or 0xdb;
    }

    public static CheckpointContent Read(MappedFile file)
    {
        var leaves = new Leaves(file);
        leaves.Add("", new MsgPackReader(file, 0, file.Length).Read());
        return new CheckpointContent(file.Path, leaves.Arrays, leaves.Facts, file);
    }

    sealed class Leaves(MappedFile file)
    {
        const int MaxName = 512;

        public PyDict Arrays { get; } = [];

        /// <summary>Numbers and texts beside the arrays. None and raw bytes say nothing and are left out.</summary>
        public Dictionary<string, string> Facts { get; } = [];

        public void Add(string name, object? value)
        {
            if (name.Length > MaxName)
                throw file.Fault($"the name \"{name[..64]}...\" has {name.Length} characters, more than {MaxName}");
            switch (value)
            {
                case PyDict chunks when FlaxArray.IsChunked(chunks):
                    Keep(name, FlaxArray.Joined(file, name, chunks));
                    break;
                case PyDict map:
                    foreach (var (key, item) in map)
                        Add(Below(name, (string)key), item);
                    break;
                case List<object?> list:
                    foreach (var (i, item) in list.Index())
                        Add(Below(name, $"{i}"), item);
                    break;
                case MsgPackExtension { Type: FlaxArray.Complex } complex:
                    Facts[name] = Number(name, complex);
                    break;
                case MsgPackExtension array:
                    Keep(name, FlaxArray.Of(file, name, array).Tensor(file));
                    break;
                case not (null or MsgPackBytes):
                    Facts[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                    break;
            }
        }

        void Keep(string name, Tensor tensor)
        {
            if (!Arrays.TryAdd(name, tensor))
                throw file.Fault($"there are two arrays \"{name}\"");
        }

        /// <summary>A complex number as Python shows it.</summary>
        string Number(string name, MsgPackExtension complex) =>
            new MsgPackReader(file, complex.Offset, complex.Length).Read() is List<object?> and [double re, double im]
                ? string.Create(CultureInfo.InvariantCulture, $"({re}{(im < 0 ? "" : "+")}{im}j)")
                : throw file.Fault($"the complex number \"{name}\" is no pair of floats");

        static string Below(string name, string key) => name.Length == 0 ? key : $"{name}/{key}";
    }
}
