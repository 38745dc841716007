using System.Collections.Concurrent;
using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Models;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>
/// A nominal set of every model: written without a weight being made, loaded by ONNX Runtime without accumulators.
/// </summary>
[TestClass]
public sealed class ArtifactZooTests
{
    static readonly ModelOptions Options = new() { NumClasses = 10, DropRate = 0.1, DropPathRate = 0.1 };

    public static IEnumerable<object[]> Modules => Zoo.Families.Select(family => new object[] { family.Module });

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Modules))]
    public void EveryModelHasItsSet(string module) => Check(Zoo.List(module: module));

    /// <summary>Other models each day, the same ones all day.</summary>
    [TestMethod]
    public void ASampleHasItsSets() =>
        Check(Asked.Sample(Zoo.Names, name => name, 16));

    static void Check(IEnumerable<string> names)
    {
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(names, new() { MaxDegreeOfParallelism = 2 }, name =>
        {
            if (Fault(name) is { } fault)
                faults.Add($"{name}: {fault}");
        });
        Assert.IsEmpty(faults, string.Join("\n", faults.Order()));
    }

    static string? Fault(string name)
    {
        try
        {
            using var folder = new TempFolder();
            var model = Zoo.Build(name, Options).Graph;
            foreach (var weight in model.Weights)
                weight.Data = new Tensor(weight.Type, weight.Shape.Sizes, () =>
                    throw new InvalidOperationException($"{weight} is read"));
            ArtifactSet.Of(model, new() { Nominal = true }).Write(folder["set"]);
            using var checkpoint = OrtCheckpoint.Read(Path.Combine(folder["set"], "nominal_checkpoint"));
            var training = OnnxFile.Read(Path.Combine(folder["set"], "training_model.onnx"));
            // With our shapes, which are so held against its own: it compares each buffer of unknown shape with all that
            // wait, and a deep network takes minutes.
            Ort.Load(OnnxFile.ToBytes(Accumulators.Remove(training), valueInfo: true));
            Ort.Load(File.ReadAllBytes(Path.Combine(folder["set"], "eval_model.onnx")));
            var inputs = training.Inputs.Select(v => v.Name).ToHashSet();
            return model.Weights.Select(w => w.Name).Except(checkpoint.Tensors.Select(t => t.Key)).FirstOrDefault()
                ?? checkpoint.Trainable.Select(t => $"{t.Key}_grad.accumulation.buffer").FirstOrDefault(buffer =>
                    !inputs.Contains(buffer));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e.Message;
        }
    }
}
