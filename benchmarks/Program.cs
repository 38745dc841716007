using System.Globalization;
using BenchmarkDotNet.Running;
using OnnxTimm;
using OnnxTimm.Benchmarks;

try
{
    return args switch
    {
        ["preprocess", var folder] => Preprocess.Run(folder),
        ["preprocess", var folder, var rounds] when int.TryParse(rounds, CultureInfo.InvariantCulture, out var n)
            && n > 0 => Preprocess.Run(folder, n),
        ["preprocess", ..] => throw new UserException("Say preprocess FOLDER [ROUNDS]."),
        ["graph-preprocess", var folder] => GraphPreprocess.Run(folder),
        ["graph-preprocess", ..] => throw new UserException("Say graph-preprocess FOLDER."),
        ["pipeline", var model, var photos] => Pipeline.Run(model, photos),
        ["pipeline", var model, var photos, var weights] => Pipeline.Run(model, photos, weights),
        ["pipeline", ..] => throw new UserException("Say pipeline FILE.onnx FOLDER [WEIGHTS.pth]."),
        ["loader", var folder] => LoaderStages.Run(folder),
        ["loader", var folder, var rounds] when int.TryParse(rounds, CultureInfo.InvariantCulture, out var n) && n > 0
            => LoaderStages.Run(folder, n),
        ["loader", ..] => throw new UserException("Say loader FOLDER [ROUNDS]."),
        ["quantize", .. var names] => Quantized.Run(names),
        ["optimizers", .. var names] => Updates.Run(names),
        ["training", "--profile", .. var models] => StepProfile.Run(models),
        ["training", "--memory", var batch, var name] when int.TryParse(batch, CultureInfo.InvariantCulture, out var n)
            && n > 0 => StepMemory.Run(n, name),
        ["training", "--memory", var batch, var name, "all" or "borders"] when
            int.TryParse(batch, CultureInfo.InvariantCulture, out var n) && n > 0 => StepMemory.Run(n, name, args[^1]),
        ["training", "--memory", ..] => throw new UserException("Say training --memory IMAGES NAME [all|borders]."),
        ["training", "--rounds", var rounds, .. var models] when
            int.TryParse(rounds, CultureInfo.InvariantCulture, out var n) && n > 0 => Training.Run(models, n),
        ["training", "--rounds", ..] => throw new UserException("Say training --rounds N [NAME ...]."),
        ["training", .. var models] => Training.Run(models),
        _ => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any() ? 0 : 1,
    };
}
catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 1;
}
