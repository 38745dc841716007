using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class ImageRunnerTests
{
    static readonly DataConfig Small = new() { Height = 4, Width = 4 };

    [TestMethod]
    public void ItRunsAgain()
    {
        using var session = Session.Load(Means(), "means");
        var runner = new ImageRunner(session, Small, new Same(5), batch: 2);
        for (var time = 0; time < 2; time++)
        {
            var done = new int[5];
            runner.Run(2, (i, _) => Interlocked.Increment(ref done[i]), (_, e) => throw e);
            CollectionAssert.AreEqual(new[] { 1, 1, 1, 1, 1 }, done);
        }
    }

    [TestMethod]
    public void ItIsCancelled()
    {
        using var session = Session.Load(Means(), "means");
        using var stop = new CancellationTokenSource();
        var done = 0;
        Assert.Throws<OperationCanceledException>(() => new ImageRunner(session, Small, new Same(1000)).Run(2,
            (_, _) =>
            {
                if (Interlocked.Increment(ref done) == 3)
                    stop.Cancel();
            }, (_, e) => throw e, stop.Token));
        Assert.IsLessThan(10, done);
    }

    /// <summary>The others stop at their next image, and what went wrong is told as it was.</summary>
    [TestMethod]
    public void AWorkerThatFailsEndsTheOthers()
    {
        using var session = Session.Load(Means(), "means");
        var done = 0;
        var e = Assert.Throws<NotSupportedException>(() => new ImageRunner(session, Small, new Same(1000)).Run(2,
            (_, _) =>
            {
                if (Interlocked.Increment(ref done) == 3)
                    throw new NotSupportedException("the third");
            }, (_, e) => throw e));
        Assert.AreEqual("the third", e.Message);
        Assert.IsLessThan(10, done);
    }

    /// <summary>The means of the channels as scores.</summary>
    static byte[] Means()
    {
        var graph = new Graph("means");
        graph.Output("logits", graph.Input("x", DType.Float32, new(Dim.Batch, 3, 4, 4)).GlobalAveragePool().Flatten());
        return OnnxFile.ToBytes(graph);
    }

    /// <summary>One photograph many times.</summary>
    sealed class Same(int count) : IDataset
    {
        readonly byte[] photo = File.ReadAllBytes(Paths.Golden("images", "files", "bit.png"));

        public int Count => count;

        public IReadOnlyList<string> Classes => [];

        public int Label(int index) => -1;

        public string Name(int index) => $"{index}.png";

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => photo;

        public void Dispose()
        {
        }
    }
}
