using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Options of optimizers at the ends of what they may be.</summary>
[TestClass]
public sealed class OptimizerEndsTests
{
    [TestMethod]
    [DynamicData(nameof(OptimizerTests.AllNames), typeof(OptimizerTests))]
    public void EveryOptionIsRefusedInALineOrWorks(string name)
    {
        foreach (var (option, value) in Optimizers.Create(name).Options)
            foreach (var end in (string[])["0", "-1", "nan", "1e300"])
                Try(name, option, value.StartsWith('(')
                    ? $"({string.Join(", ", value.Split(',').Select(_ => end))})" : end);
    }

    static void Try(string name, string option, string value)
    {
        try
        {
            var optimizer = Optimizers.Create(name, new Dictionary<string, string> { [option] = value });
            using var update = OptimizerTests.Update(optimizer, [new(["a", "b", "c", "d"], 0.02)],
                out var parameters, out var gradients);
            for (var step = 1; step <= 2; step++)
            {
                OptimizerTests.Gradients(gradients, step);
                update.Apply(0.05);
            }
            Assert.IsTrue(parameters.All.ToArray().All(float.IsFinite), $"{option}={value}");
        }
        catch (UserException e)
        {
            StringAssert.Contains(e.Message, option);
            Assert.IsFalse(e.Message.Contains('\n'), e.Message);
        }
    }
}
