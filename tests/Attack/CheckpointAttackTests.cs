using OnnxTimm.Tests.Train;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Attacks;

/// <summary>
/// Checkpoints that were damaged, and others that somebody wrote with a right hash: a training that goes on from them
/// comes to the undisturbed end or to one message, and touches no file of others.
/// </summary>
[TestClass]
public sealed class CheckpointAttackTests
{
    const int Epochs = 3;

    static readonly string[] Facts =
    [
        "null", "", "[]", "{}", "0", "1", "2", "3", "-1", "2147483647", "9007199254740991", "1e308", "\"NaN\"",
        "[null]", "[0,0,0,0]", "[1,1,1,1]", "[1,4,0,0]", "[2,3,1e300,1e-300]", "[2147483646,0,0,0]",
        "[0.1,1,\"Infinity\"]",
        """{"Kept":[{"Name":"../../victim","Epoch":0,"Metric":1}],"Best":null}""",
        """{"Kept":[],"Best":{"Name":"../../victim","Epoch":0,"Metric":1}}""",
        """{"Kept":[{"Epoch":2147483647,"Metric":-1e308}],"Best":null}""",
        """[{"Epoch":7,"TrainLoss":"NaN","Lr":1}]""",
        "output: ../..\nexperiment: victim\n", "opt: sgd\n", "../../victim", "\u001b]0;x\u0007",
    ];

    readonly TempFolder folder = new();

    string Whole => folder["out/run"];

    [TestInitialize]
    public void Train()
    {
        TinyRun.WriteImages(folder["set"]);
        Cli.Cli.Output(TinyRun.Arguments(folder["set"], folder["out"], Epochs));
    }

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void DamagedCheckpoints() => Attack.Run("checkpoints", 200, (random, inside) =>
    {
        var run = Interrupted(inside);
        var files = Directory.GetFiles(run, "*.safetensors").Order(StringComparer.Ordinal).ToArray();
        foreach (var file in files)
            if (random.Next(3) > 0)
                File.WriteAllBytes(file, Mutation.Of(File.ReadAllBytes(file), random));
        var resumed = random.Next(3) == 0 ? files[random.Next(files.Length)] : run;
        if (Attempt.Run("train", "--resume", resumed) == 0)
            SameRun.Check(Whole, run, "last.safetensors", "summary.csv");
    });

    [TestMethod]
    public void ForgedCheckpoints() => Attack.Run("forged", 200, (random, inside) =>
    {
        var run = Interrupted(inside);
        var file = Path.Combine(run, "last.safetensors");
        Forge(file, random);
        if (random.Next(3) > 0)
            File.Delete(Path.Combine(run, "args.yaml"));
        string[][] uses =
        [
            ["train", "--resume", run, "--epochs", "3"], ["train", "--resume", file, "--epochs", "3"],
            ["convert", file, "--model", "test_resnet", "--output", Path.Combine(inside, "x.onnx")],
            ["infer", "--model", "test_resnet", "--checkpoint", file, "--data-dir", folder["set/val"],
                "--input-key", ".bmp"],
        ];
        Attempt.Run(uses[random.Next(uses.Length)]);
    });

    /// <summary>The run as it was before its last epoch.</summary>
    string Interrupted(string inside)
    {
        var run = Directory.CreateDirectory(Path.Combine(inside, "run")).FullName;
        foreach (var file in new[] { "args.yaml", "checkpoint-0.safetensors", "checkpoint-1.safetensors" })
            File.Copy(Path.Combine(Whole, file), Path.Combine(run, file));
        File.Copy(Path.Combine(Whole, "checkpoint-1.safetensors"), Path.Combine(run, "last.safetensors"));
        return run;
    }

    /// <summary>Writes a checkpoint anew, with other facts and tensors, and the hash that belongs to them.</summary>
    static void Forge(string path, Random random)
    {
        var (facts, tensors) = (new Dictionary<string, string>(), new List<KeyValuePair<string, Tensor>>());
        using (var file = TrainCheckpoint.Read(path))
        {
            foreach (var (key, value) in file.Metadata)
                facts[key] = value;
            tensors.AddRange(file.Select(t => KeyValuePair.Create(t.Key, Of(t.Value, t.Value.Bytes.ToArray()))));
        }
        string[] keys = [.. facts.Keys.Order(StringComparer.Ordinal)];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
            facts[keys[random.Next(keys.Length)]] = Facts[random.Next(Facts.Length)];
        if (random.Next(2) == 0)
            Forge(tensors, random);
        TrainCheckpoint.Write(path, tensors, facts);
    }

    static void Forge(List<KeyValuePair<string, Tensor>> tensors, Random random)
    {
        var at = random.Next(tensors.Count);
        var (name, tensor) = tensors[at];
        switch (random.Next(4))
        {
            case 0: tensors.RemoveAt(at); break;
            case 1: tensors[at] = new($"{name}/../victim", tensor); break;
            case 2: tensors[at] = new(name, Tensor.Of([1f, float.NaN], 2)); break;
            default:
                var content = tensor.Bytes.ToArray();
                random.NextBytes(content);
                tensors[at] = new(name, Of(tensor, content));
                break;
        }
    }

    static Tensor Of(Tensor like, byte[] content) => new(like.Type, like.Shape, () => content);
}
