using System.Runtime.CompilerServices;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Train.Cpu;

namespace OnnxTimm.Tests.Train.Cpu;

/// <summary>What goes wrong in a kernel, and what stays of it.</summary>
[TestClass]
public sealed class KernelFaultTests
{
    /// <summary>The exception arrives as an error of the run, and the session computes on.</summary>
    [TestMethod]
    [DataRow(1f)]
    [DataRow(2f)]
    public void AnExceptionIsAnErrorOfTheRun(float place)
    {
        using var session = Open(new Faulty());
        using var binding = session.Bind([4]);
        for (var time = 0; time < 2; time++)
        {
            binding.Input<float>()[0] = place;
            Assert.Contains($"fault {place}", Assert.Throws<UserException>(binding.Run).Message);
            binding.Input<float>()[0] = 0;
            binding.Run();
        }
    }

    [TestMethod]
    public void AKernelIsFreedWithItsSession()
    {
        var kernel = Used();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsFalse(kernel.IsAlive);
    }

    /// <summary>A slot whose memory could not be had is empty, not what it was before.</summary>
    [TestMethod]
    public unsafe void ScratchThatCannotBeHadLeavesNothingBehind()
    {
        new Span<float>(Scratch.Floats(3, 100), 100).Fill(1);
        Assert.Throws<OutOfMemoryException>(() => { Scratch.Floats(3, 1L << 58); });
        new Span<float>(Scratch.Floats(3, 100), 100).Fill(1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference Used()
    {
        var kernel = new Faulty();
        using var session = Open(kernel);
        using var binding = session.Bind([4]);
        binding.Run();
        return new(kernel);
    }

    static Session Open(Kernel kernel)
    {
        var graph = new Graph("faulty");
        graph.Domains[CpuDialect.Domain] = 1;
        var x = graph.Input("x", DType.Float32, new(4));
        var y = graph.Emit($"{CpuDialect.Domain}:{kernel.Name}", [x], [(DType.Float32, x.Shape)]).Out;
        graph.Output("y", y);
        lock (KernelApi.Gate)
            return Session.Load(OnnxFile.ToBytes(graph), "faulty", new()
            {
                Extend = ort => KernelApi.Register(ort, CpuDialect.Domain, [kernel]),
            });
    }

    /// <summary>Throws itself for 1, on the session's threads for 2.</summary>
    sealed unsafe class Faulty() : Kernel("Faulty", 1, 1)
    {
        public override void Run(KernelContext context)
        {
            var place = context.Input(0)[0];
            new Span<float>(context.Output(0, 4), 4).Fill(place);
            if (place == 1)
                throw new InvalidOperationException("fault 1");
            context.ParallelFor(16, i =>
            {
                if (place == 2 && i % 3 == 1)
                    throw new InvalidOperationException("fault 2");
            });
        }
    }
}
