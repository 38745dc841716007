namespace OnnxTimm.Tests.Attacks;

/// <summary>Trainings that are killed, several times each, and resumed to the same bits.</summary>
[TestClass]
public sealed class KillAttackTests
{
    /// <summary>How often a training is killed.</summary>
    const int Kills = 2;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void KilledTrainings()
    {
        using var training = new MortalTraining();
        Attack.Run("kills", 100, (random, folder) =>
        {
            for (var kills = 0; kills < Kills;)
                if (training.TryKill(folder, random))
                    kills++;
                else
                {
                    training.Finish(folder);
                    Directory.Delete(Path.Combine(folder, "out"), recursive: true);
                }
            training.Finish(folder);
        }, Limit);
        TestContext.WriteLine($"killed at moments, before system calls: {training.Kills}");
    }
}
