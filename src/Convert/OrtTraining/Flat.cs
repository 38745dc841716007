using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>
/// What is put into a flatbuffer: a number, which lies in its table, or a text, vector or table, which lies behind it
/// at a distance. Null stands for a field that is left out.
/// </summary>
abstract record Flat
{
    public static Flat Int32(int value) => new Number(4, value);

    public static Flat Int64(long value) => new Number(8, value);

    public static Flat Float(float value) => new Number(4, BitConverter.SingleToInt32Bits(value));

    public static Flat Bool(bool value) => new Number(1, value ? 1 : 0);

    /// <summary>UTF-8 with a zero behind it that its length does not count.</summary>
    public static Flat Text(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return new Vector([.. bytes, 0], bytes.Length, 4);
    }

    public static Flat Longs(long[] values) => new Vector(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        values.Length, 8);

    public static Flat Tables(IEnumerable<Flat> tables) => new List([.. tables]);

    /// <summary>Fields in the order of their slots.</summary>
    public static Flat Table(params Flat?[] fields) => new Fields(fields);

    /// <summary>Bytes of a tensor, fetched when they are written: behind everything else.</summary>
    public static Flat Content(Tensor tensor) => new Bytes(tensor);

    /// <summary>
    /// Writes a file: the distance to the root, an identifier of four bytes, and what hangs below the root.
    /// </summary>
    /// <exception cref="UserException">It would exceed the 2 GiB of the format.</exception>
    public static void Write(Stream stream, string identifier, Flat root)
    {
        var writer = new Writer();
        writer.Put(4, 0);
        writer.Put(4, BinaryPrimitives.ReadInt32LittleEndian(Encoding.ASCII.GetBytes(identifier)));
        root.Place(writer, 0);
        writer.Finish(stream);
    }

    /// <summary>Lays it down at the end and notes the distance in a slot.</summary>
    protected abstract void Place(Writer to, int slot);

    sealed record Number(int Size, long Bits) : Flat
    {
        protected override void Place(Writer to, int slot) => to.Patch(slot, Size, Bits);
    }

    sealed record Vector(byte[] Data, int Count, int Align) : Flat
    {
        protected override void Place(Writer to, int slot)
        {
            to.Align(Align, ahead: 4);
            to.Link(slot);
            to.Put(4, Count);
            to.Put(Data);
        }
    }

    sealed record List(Flat[] Items) : Flat
    {
        protected override void Place(Writer to, int slot)
        {
            to.Align(4);
            to.Link(slot);
            to.Put(4, Items.Length);
            var first = to.Position;
            to.Put(new byte[4 * Items.Length]);
            foreach (var (i, item) in Items.Index())
                item.Place(to, first + 4 * i);
        }
    }

    sealed record Fields(Flat?[] Slots) : Flat
    {
        /// <summary>
        /// The vtable (its size, the table's size, each field's place), the table, and what its fields lead to.
        /// </summary>
        protected override void Place(Writer to, int slot)
        {
            var (end, places) = (4, new int[Slots.Length]);
            foreach (var (i, field) in Slots.Index().Where(s => s.Item is not null))
            {
                var size = field is Number number ? number.Size : 4;
                places[i] = (end + size - 1) / size * size;
                end = places[i] + size;
            }
            var vtable = 4 + 2 * places.Length;
            to.Align(8, ahead: vtable);
            to.Put(2, vtable);
            to.Put(2, end);
            foreach (var place in places)
                to.Put(2, place);
            var start = to.Position;
            to.Link(slot);
            to.Put(4, vtable);
            to.Put(new byte[end - 4]);
            foreach (var (i, field) in Slots.Index())
                field?.Place(to, start + places[i]);
        }
    }

    sealed record Bytes(Tensor Tensor) : Flat
    {
        protected override void Place(Writer to, int slot) => to.Last.Add((slot, Tensor));
    }

    /// <summary>Everything but the content of tensors, which follows when the rest has its place.</summary>
    protected sealed class Writer
    {
        const int ContentAlign = 16;

        readonly List<byte> head = [];

        public List<(int Slot, Tensor Tensor)> Last { get; } = [];

        public int Position => head.Count;

        /// <summary>Zeros, until what follows at a distance lies at a multiple.</summary>
        public void Align(int align, int ahead = 0) => Put(new byte[Gap(Position, align, ahead)]);

        public void Put(ReadOnlySpan<byte> bytes) => head.AddRange(bytes);

        public void Put(int size, long bits) => Put(BitConverter.GetBytes(bits).AsSpan(0, size));

        public void Patch(int at, int size, long bits) =>
            BitConverter.GetBytes(bits).AsSpan(0, size).CopyTo(CollectionsMarshal.AsSpan(head)[at..]);

        public void Link(int slot) => Patch(slot, 4, Position - slot);

        public void Finish(Stream stream)
        {
            long end = Position;
            foreach (var (slot, tensor) in Last)
            {
                end += Gap(end, ContentAlign, 4);
                Patch(slot, 4, end - slot);
                end += 4 + tensor.ByteCount;
            }
            if (end > int.MaxValue)
                throw new UserException($"A flatbuffer has at most 2 GiB, this one would have {end} bytes.");
            stream.Write(CollectionsMarshal.AsSpan(head));
            long at = Position;
            foreach (var (_, tensor) in Last)
            {
                stream.Write(new byte[Gap(at, ContentAlign, 4)]);
                stream.Write(BitConverter.GetBytes((int)tensor.ByteCount));
                tensor.WriteTo(stream);
                at += Gap(at, ContentAlign, 4) + 4 + tensor.ByteCount;
            }
        }

        static int Gap(long at, int align, int ahead) => (int)((align - (at + ahead) % align) % align);
    }
}
