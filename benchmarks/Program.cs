using BenchmarkDotNet.Running;
using OnnxTimm.Benchmarks;

if (args is ["pipeline", var model, var photos])
    Pipeline.Run(model, photos);
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
