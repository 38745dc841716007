using System.Collections.Concurrent;
using OnnxTimm.Models;
using OnnxTimm.Tests.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>
/// Level 2 of the ladder: every operator of every model has a rule or is listed as having none, and every parameter
/// gets a gradient of its shape.
/// </summary>
[TestClass]
public sealed class ZooGradientTests
{
    /// <summary>With everything that is drawn in training.</summary>
    static readonly ModelOptions Options = new()
    {
        NumClasses = 10,
        DropRate = 0.1,
        DropPathRate = 0.1,
        AttnDropRate = 0.1,
        ProjDropRate = 0.1,
        PosDropRate = 0.1,
    };

    static readonly HashSet<string> Known = [.. Gradients.Known];

    [TestMethod]
    [TestCategory("all")]
    public void EveryModelCanBeTrained() => Check(Asked.Names);

    /// <summary>Other models each day, the same ones all day.</summary>
    [TestMethod]
    public void ASampleCanBeTrained() =>
        Check(Asked.Sample(Zoo.Names, name => name, 40));

    static void Check(IEnumerable<string> names)
    {
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(names, name =>
        {
            foreach (var fault in Asked.Classifier(name, Options) is { } model ? Faults(model.Graph) : [])
                faults.Add($"{name}: {fault}");
        });
        Assert.IsEmpty(faults, string.Join("\n", faults.Order()));
    }

    static IEnumerable<string> Faults(Graph model)
    {
        var operators = Lowering.Of(model).Graph.Nodes.Select(n => n.Op).Distinct();
        string[] unknown = [.. operators.Where(op => !Known.Contains(op))];
        return unknown.Length > 0 ? unknown.Select(op => $"no rule for {op}") : MissingGradients(model);
    }

    static IEnumerable<string> MissingGradients(Graph model)
    {
        try
        {
            var step = StepGraph.Gradients(model);
            return model.Weights.Where(w => w.Role == Role.Param)
                .Where(w => !w.Shape.Equals(step.Graph.Find($"grad:{w.Name}")?.Shape))
                .Select(w => $"no gradient for {w}");
        }
        catch (InvalidOperationException e)
        {
            return [e.Message];
        }
    }
}
