using System.Text.Json;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>Kinds of data sets on the command line, from training to validation.</summary>
[TestClass]
public sealed class DataKindTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    [DataRow("bce", "csv/", "several", null)]
    [DataRow("db", "wds/", "train", "tags")]
    [DataRow("asl", "hfds/", "train", "tags")]
    public void SeveralLabelsFromEndToEnd(string loss, string kind, string split, string? key)
    {
        var data = DatasetFormTests.At(kind switch { "csv/" => "csv", "wds/" => "wds", _ => "parquet" });
        string[] how = ["--dataset", kind, "--data-dir", data, "--multi-label", .. key is null ? [] :
            (string[])["--target-key", key]];
        var (code, _, error) = Cli.Run(["train", .. how, "--train-split", split, "--val-split", split, "--model",
            "test_resnet", "--img-size", "32", "--epochs", "2", "-b", "4", "--loss-type", loss, "--output", folder[""],
            "--experiment", "run", "--warmup-epochs", "0", "--opt", "adamw", "--lr", "1e-3", "-j", "2"]);
        Assert.AreEqual(0, code, error);
        var rows = File.ReadAllLines(folder["run/summary.csv"]);
        Assert.AreEqual(
            "epoch,train_loss,eval_loss,eval_map,eval_micro_f1,eval_macro_f1,eval_sample_f1,lr", rows[0]);
        var best = rows.Skip(1).Select(r => double.Parse(r.Split(',')[3])).Max();
        var result = JsonDocument.Parse(Cli.Output(["validate", .. how, "--split", split, "--model",
            folder["run/model_best.onnx"], "--json"])).RootElement;
        Assert.AreEqual(best, result.GetProperty("map").GetDouble(), 1e-4);
        Assert.IsTrue(ModelCard.Read(OnnxFile.Read(folder["run/model_best.onnx"]).Metadata, "")!.IsMultiLabel);
        Assert.AreEqual(12, result.GetProperty("count").GetInt32());
    }

    [TestMethod]
    [DataRow("torch/cifar10", "torch", "train", "2")]
    [DataRow("torch/mnist", "torch", "train", "2")]
    [DataRow("wds/", "wds", "set-train-{0000..0002}.tar", "4")]
    public void OneLabelOfOtherKinds(string kind, string place, string split, string batch)
    {
        var (code, _, error) = Cli.Run("train", "--dataset", kind, "--data-dir", DatasetFormTests.At(place),
            "--train-split", split, "--val-split", "", "--model", "test_resnet", "--img-size", "32", "--epochs", "1",
            "-b", batch, "--output", folder[""], "--experiment", "run", "--lr", "1e-3");
        Assert.AreEqual(0, code, error);
    }

    [TestMethod]
    public void RealAndValidLabels()
    {
        Directory.CreateDirectory(folder["set/a"]);
        Directory.CreateDirectory(folder["set/b"]);
        string[] pictures = [.. Directory.GetFiles(DatasetFormTests.At("folder/ant"))];
        foreach (var (i, path) in pictures.Index())
            File.Copy(path, folder[$"set/{(i < 2 ? "a" : "b")}/ILSVRC2012_val_0000000{i + 1}.JPEG"]);
        Cli.Output("export", "test_resnet", "--num-classes", "2", "--img-size", "32", "--output", folder["m.onnx"]);
        string[] validate = ["validate", "--model", folder["m.onnx"], "--data-dir", folder["set"], "--input-key", "jpeg",
            "--json"];
        // Both classes are right, the second is not judged, the third may be either.
        File.WriteAllText(folder["real.json"], "[[0, 1], [], [1, 0]]");
        var real = JsonDocument.Parse(Cli.Output([.. validate, "--real-labels", folder["real.json"]])).RootElement;
        Assert.AreEqual((100.0, 2, 3), (real.GetProperty("top1").GetDouble(), real.GetProperty("judged").GetInt32(),
            real.GetProperty("count").GetInt32()));
        File.WriteAllText(folder["valid.txt"], "1\n0\n");
        var all = JsonDocument.Parse(Cli.Output(validate)).RootElement;
        var valid = JsonDocument.Parse(Cli.Output([.. validate, "--valid-labels", folder["valid.txt"]])).RootElement;
        Assert.AreEqual(all.GetProperty("top1").GetDouble(), valid.GetProperty("top1").GetDouble());
        Assert.AreEqual(all.GetProperty("loss").GetDouble(), valid.GetProperty("loss").GetDouble(), 1e-6);
        File.WriteAllText(folder["real.json"], "[[0], [7], [1]]");
        StringAssert.Contains(Cli.Error([.. validate, "--real-labels", folder["real.json"]]), "it has 2");
        File.WriteAllText(folder["real.json"], "[[0]]");
        StringAssert.Contains(Cli.Error([.. validate, "--real-labels", folder["real.json"]]), "has no real labels");
        File.WriteAllText(folder["valid.txt"], "1\n");
        StringAssert.Contains(Cli.Error([.. validate, "--valid-labels", folder["valid.txt"]]), "the class 0");
    }

    [TestMethod]
    public void MistakesAreOneMessage()
    {
        foreach (var (message, args) in new (string, string[])[]
        {
            ("No kind of data set", ["--dataset", "wsd/"]),
            ("stands for more than", ["--dataset", "wds/", "--train-split", "{0..99999999}.tar"]),
            ("No mode of images", ["--input-img-mode", "RGBX"]),
            ("No format of targets", ["--target-format", "dense"]),
            ("--val-num-samples", ["--val-num-samples", "0"]),
            ("No eval-metric", ["--multi-label", "--eval-metric", "top5"]),
            ("exclude each other", ["--multi-label", "--kd-model-name", "resnet18"]),
            ("The loss ce is of one label", ["--multi-label", "--loss-type", "ce"]),
        })
            StringAssert.Contains(Cli.Error(["train", DatasetFormTests.At("folder"), "--val-split", "", .. args]),
                message);
    }
}
