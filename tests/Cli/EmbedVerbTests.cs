using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

/// <summary>Features by the command are those of the library's call, in each of three forms.</summary>
[TestClass]
public sealed class EmbedVerbTests
{
    static readonly string Photos = Path.Combine(Paths.Root, "demo", "photos");

    static readonly string[] Names = [.. Directory.GetFiles(Photos).Select(file => Path.GetFileName(file)).Order()];

    [TestMethod]
    public void EachFormHoldsTheFeatures()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["m.onnx"]);
        using var model = Classifier.Open(folder["m.onnx"]);
        var expected = Names.SelectMany(name => model.Embed(Path.Combine(Photos, name))).ToArray();
        foreach (var file in (string[])["a.npy", "a.csv", "a.json"])
            Assert.AreEqual("", Cli.Output(
                "embed", "-m", folder["m.onnx"], "--data-dir", Photos, "--results-file", folder[file]));
        CollectionAssert.AreEqual(expected, Npy(File.ReadAllBytes(folder["a.npy"])));
        CollectionAssert.AreEqual(Names, File.ReadAllLines(folder["a.txt"]));
        var rows = File.ReadAllLines(folder["a.csv"])[1..].Select(line => line.Split(',')).ToArray();
        CollectionAssert.AreEqual(Names, rows.Select(row => row[0]).ToArray());
        CollectionAssert.AreEqual(expected, rows.SelectMany(row => row[1..])
            .Select(x => float.Parse(x, CultureInfo.InvariantCulture)).ToArray());
        var json = JsonDocument.Parse(File.ReadAllText(folder["a.json"])).RootElement.EnumerateObject().ToArray();
        CollectionAssert.AreEqual(Names, json.Select(p => p.Name).ToArray());
        CollectionAssert.AreEqual(expected, json.SelectMany(p => p.Value.EnumerateArray())
            .Select(x => x.GetSingle()).ToArray());
    }

    /// <summary>A name is taken without its classifier; its checkpoint may have one.</summary>
    [TestMethod]
    public void ANameGivesWhatItsFileGives()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--num-classes", "7", "--output", folder["m.onnx"], "--no-fold");
        Cli.Output("convert", folder["m.onnx"], "--output", folder["m.safetensors"]);
        var file = Printed("-m", folder["m.onnx"]);
        var name = Printed("-m", "cifar_resnet20", "--checkpoint", folder["m.safetensors"]);
        foreach (var (x, y) in file.Zip(name, (a, b) => (a, b)))
            Assert.AreEqual(x, y, Tolerances.Get("cli/logits"));
        Assert.HasCount(64, file);
        Assert.HasCount(64, Printed("-m", "cifar_resnet20", "--pool", "max"));
        Assert.HasCount(64 * 8 * 8, Printed("-m", "cifar_resnet20", "--pool", "none"));
        Cli.Output("export", "cifar_resnet20", "--num-classes", "0", "--output", folder["f.onnx"]);
        CollectionAssert.AreEqual(Printed("-m", "cifar_resnet20"), Printed("-m", folder["f.onnx"]));
    }

    [TestMethod]
    [DataRow("--pool of a file is avg, max, token, none, not \"mox\". Did you mean \"max\"?", "m.onnx", "--pool", "mox")]
    [DataRow("--batch-size has no meaning", "m.onnx", "--batch-size", "4")]
    [DataRow("--num-classes has no meaning", "cifar_resnet20", "--num-classes", "4")]
    [DataRow("\"x.txt\" ends in none of .npy, .csv, .json", "m.onnx", "--results-file", "x.txt")]
    [DataRow("No results format \"np\". Did you mean \"npy\"? There are: npy, csv, json.", "m.onnx", "--results-file", "x",
        "--results-format", "np")]
    public void WhatCannotBeIsOneLine(string message, string model, params string[] flags)
    {
        using var folder = new TempFolder();
        if (model == "m.onnx")
            Cli.Output("export", "cifar_resnet20", "--output", model = folder[model]);
        Assert.Contains(message, Cli.Error(["embed", "-m", model, "--data-dir", Photos, .. flags]));
    }

    [TestMethod]
    public void WhatIsNoImageIsLeftOut()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["b.jpg"], "no image");
        File.Copy(Path.Combine(Photos, Names[0]), folder["a.jpg"]);
        var (code, _, error) = Cli.Run("embed", "-m", "cifar_resnet20", "--data-dir", folder["."],
            "--results-file", folder["a.npy"]);
        Assert.AreEqual(2, code);
        Assert.Contains("1 of 2 images could not be read.", error);
        CollectionAssert.AreEqual(new[] { "a.jpg" }, File.ReadAllLines(folder["a.txt"]));
    }

    static float[] Printed(params string[] model) => [.. JsonDocument.Parse(Cli.Output(
        ["embed", "--json", "--data-dir", Path.Combine(Photos, Names[1]), .. model])).RootElement
        .GetProperty(Names[1]).EnumerateArray().Select(x => x.GetSingle())];

    /// <summary>By NumPy's description of the form, version 1.0.</summary>
    static float[] Npy(byte[] file)
    {
        CollectionAssert.AreEqual((byte[])[0x93, .. "NUMPY"u8, 1, 0], file[..8]);
        var length = BitConverter.ToUInt16(file, 8);
        Assert.AreEqual(0, (10 + length) % 64);
        Assert.AreEqual("{'descr': '<f4', 'fortran_order': False, 'shape': (10, 64), }",
            Encoding.ASCII.GetString(file, 10, length).TrimEnd());
        Assert.AreEqual((byte)'\n', file[9 + length]);
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + length)).ToArray();
    }
}
