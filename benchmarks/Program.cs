using BenchmarkDotNet.Running;
using OnnxTimm.Benchmarks;

return args switch
{
    ["preprocess", var folder] => Preprocess.Run(folder),
    ["preprocess", var folder, var rounds] => Preprocess.Run(folder, int.Parse(rounds)),
    ["preprocess", var folder, var rounds, var python] => Preprocess.Run(folder, int.Parse(rounds), python),
    ["pipeline", var model, var photos] => Pipeline.Run(model, photos),
    ["pipeline", var model, var photos, var weights] => Pipeline.Run(model, photos, weights),
    ["training", .. var models] => Training.Run(models),
    _ => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any() ? 0 : 1,
};
