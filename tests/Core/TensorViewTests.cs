namespace OnnxTimm.Tests;

[TestClass]
public sealed class TensorViewTests
{
    static Tensor Counting(params long[] shape) =>
        Tensor.Of([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (float)i)], shape);

    [TestMethod]
    public void AnElementIsWhereTheAxesSay()
    {
        var view = Counting(2, 3, 5).Permute(2, 0, 1).Slice(0, 1, 3).Slice(2, 1, 2);
        CollectionAssert.AreEqual(new long[] { 3, 2, 2 }, view.Shape);
        var expected = Enumerable.Range(1, 3).SelectMany(k => Enumerable.Range(0, 2).SelectMany(i =>
            Enumerable.Range(1, 2).Select(j => (float)(i * 15 + j * 5 + k))));
        CollectionAssert.AreEqual(expected.ToArray(), view.ToFloats());
    }

    /// <summary>Views are written in blocks: larger, smaller and no multiple of them; rows longer than one.</summary>
    [TestMethod]
    [DataRow(700, 901)]
    [DataRow(3, 100_003)]
    [DataRow(100_003, 3)]
    [DataRow(5, 7)]
    public void WhatIsWrittenIsTheContent(int rows, int columns)
    {
        var view = Counting(rows, columns).Permute(1, 0);
        using var stream = new MemoryStream();
        view.WriteTo(stream);
        Assert.AreEqual(view.ByteCount, stream.Length);
        Assert.IsTrue(stream.ToArray().AsSpan().SequenceEqual(view.Bytes.Span));
        Assert.AreEqual(columns, view.ToFloats()[1]);
    }

    [TestMethod]
    public void PartsAreWrittenBehindEachOther()
    {
        var joined = Tensor.Concat(Counting(2, 3).Permute(1, 0), Counting(1, 2));
        using var stream = new MemoryStream();
        joined.Reshape(8).WriteTo(stream);
        CollectionAssert.AreEqual(new float[] { 0, 3, 1, 4, 2, 5, 0, 1 }, joined.ToFloats());
        Assert.IsTrue(stream.ToArray().AsSpan().SequenceEqual(joined.Bytes.Span));
    }

    /// <summary>Weights that one side stores transposed and the other wants so are not moved at all.</summary>
    [TestMethod]
    public void TwoTranspositionsAreNone()
    {
        var data = new float[] { 1, 2, 3, 4, 5, 6 };
        var view = Tensor.Of(data, 2, 3).Permute(1, 0).Permute(1, 0);
        data[5] = 7;
        Assert.AreEqual(7, view.ToFloats()[5]);
        Assert.IsTrue(view.Bytes.Span.Overlaps(Tensor.Of(data, 6).Bytes.Span));
    }

    [TestMethod]
    public void ElementsThatAreNotAlignedAreCopied()
    {
        byte[] bytes = [9, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];
        var tensor = Tensor.View(DType.Float32, StridedLayout.RowMajor(2), () => bytes.AsMemory(1));
        CollectionAssert.AreEqual(new[] { 1.5f, -2f }, tensor.ToFloats());
        Assert.IsFalse(tensor.Bytes.Span.Overlaps(bytes));
    }

    [TestMethod]
    public void ABroadcastRepeats() => CollectionAssert.AreEqual(
        new float[] { 0, 0, 1, 1, 0, 0, 1, 1 },
        Counting(2, 1).Rearrange(layout => layout.Broadcast(2, 2, 2)).ToFloats());

    [TestMethod]
    public void AnEmptyViewHasNoBytes() => Assert.AreEqual(0, Counting(2, 3).Slice(0, 2, 0).Permute(1, 0).Bytes.Length);

    [TestMethod]
    public void FortransOrderBeginsWithTheFirstAxis() =>
        CollectionAssert.AreEqual(new long[] { 1, 2, 6 }, StridedLayout.ColumnMajor(2, 3, 4).Strides);
}
