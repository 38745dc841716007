using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Infer;

/// <summary>What comes after Dispose is an exception of .NET, never the end of the process.</summary>
[TestClass]
public sealed class DisposalTests
{
    [TestMethod]
    public void ABindingThatIsDisposedDoesNothing()
    {
        using var session = Session.Load(Double(), "double");
        var binding = session.Bind([1, 3]);
        binding.Run([1, 2, 3]);
        binding.Dispose();
        binding.Dispose();
        Assert.Throws<ObjectDisposedException>(binding.Run);
        Assert.Throws<ObjectDisposedException>(() => { binding.Run([1, 2, 3]); });
        Assert.Throws<ObjectDisposedException>(() => { binding.Input<float>(); });
        Assert.Throws<ObjectDisposedException>(() => { binding.Output<float>(); });
        Assert.Throws<ObjectDisposedException>(() => binding.OutputShape());
    }

    [TestMethod]
    public void ASessionThatIsDisposedDoesNothing()
    {
        var session = Session.Load(Double(), "double");
        using var binding = session.Bind([1, 3]);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(binding.Run);
        Assert.Throws<ObjectDisposedException>(() => session.Bind([1, 3]));
        Assert.Throws<ObjectDisposedException>(() => session.Metadata);
    }

    /// <summary>Threads that compute while another disposes of all: each ends with the exception.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void OtherThreadsMeetTheException(bool sessionFirst)
    {
        for (var round = 0; round < 20; round++)
        {
            var session = Session.Load(Double(), "double", new() { Threads = 1 });
            Binding[] bindings = [session.Bind([64, 3]), session.Bind([64, 3])];
            var callers = bindings.Select(b => Task.Run(() =>
            {
                while (true)
                    b.Run();
            })).ToArray();
            Thread.Sleep(round % 5);
            IDisposable[] all = [session, .. bindings];
            foreach (var one in sessionFirst ? all : all.Reverse())
                one.Dispose();
            foreach (var caller in callers)
                Assert.Throws<ObjectDisposedException>(() => caller.GetAwaiter().GetResult());
        }
    }

    [TestMethod]
    public void WhatExtendsASessionLivesAsLongAsItsBindings()
    {
        using var extension = new Flag();
        var session = Session.Load(Double(), "double", new() { Extend = _ => extension });
        var binding = session.Bind([1, 3]);
        session.Dispose();
        Assert.IsFalse(extension.IsSet);
        binding.Dispose();
        Assert.IsTrue(extension.IsSet);
    }

    [TestMethod]
    public void ASessionThatCannotBeMadeLeavesNothing()
    {
        using var extension = new Flag();
        Assert.Throws<UserException>(() => Session.Load([1, 2, 3], "no model", new() { Extend = _ => extension }));
        Assert.IsTrue(extension.IsSet);
    }

    /// <summary>A binding whose second output is not there, or has no memory, takes nothing with it.</summary>
    [TestMethod]
    public void ABindingThatCannotBeMadeLeavesTheSessionFree()
    {
        using var extension = new Flag();
        var session = Session.Load(Double(), "double", new() { Extend = _ => extension });
        var x = HostTensor.Of<float>("x", new float[3], [1, 3]);
        var y = HostTensor.Of<float>("y", new float[3], [1, 3]);
        Assert.Contains("has no \"z\"", Assert.Throws<UserException>(() =>
            session.BindMemory([x], [y, y with { Name = "z" }])).Message);
        Assert.Throws<Exception>(() => session.BindMemory([x], [y with { Shape = [1, 30] }]));
        session.Dispose();
        Assert.IsTrue(extension.IsSet);
    }

    [TestMethod]
    public void MemoryOfTheCallersIsUsedWhereItLies()
    {
        using var session = Session.Load(Double(), "double");
        float[] x = [1, 2, 3], y = new float[3];
        using var binding = session.BindMemory(
            [HostTensor.Of<float>("x", x, [1, 3])], [HostTensor.Of<float>("y", y, [1, 3])]);
        binding.Run();
        CollectionAssert.AreEqual(new float[] { 2, 4, 6 }, y);
    }

    /// <summary>y = 2x over [N, 3].</summary>
    static byte[] Double()
    {
        var graph = new Graph("double");
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 3)) * 2);
        return OnnxFile.ToBytes(graph);
    }

    sealed class Flag : IDisposable
    {
        public bool IsSet { get; private set; }

        public void Dispose() => IsSet = true;
    }
}
