using System.Diagnostics;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>What a data set does not take, and how it says so.</summary>
[TestClass]
public sealed class LeftOutTests : IDisposable
{
    readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void PicturesAreCountedByEndingAndLostClassesNamed()
    {
        Write("set/cat/1.webp", "set/cat/2.jpg", "set/dog/3.bmp", "set/dog/4.TIF", "set/dog/notes.txt");
        using var data = Dataset.Open(folder["set"]);
        CollectionAssert.AreEqual((string[])["cat"], data.Classes.ToArray());
        Assert.AreEqual("Left out by their ending: 1 .bmp, 1 .tif, 1 .webp; --input-key takes other endings than .png, "
            + ".jpg, .jpeg. No image is left of class dog.", string.Join(' ', data.Remarks));
        using var part = new Subset(Dataset.Open(folder["set"]), [0]);
        CollectionAssert.AreEqual(data.Remarks.ToArray(), part.Remarks.ToArray());
        Assert.Contains("No images in " + folder["set/dog"] + " (.png, .jpg, .jpeg). Left out by their ending: 1 .bmp, "
            + "1 .tif;", Assert.ThrowsExactly<UserException>(() => Dataset.Open(folder["set/dog"])).Message);
    }

    [TestMethod]
    [DataRow(null, ".png .jpg .jpeg")]
    [DataRow("", ".png .jpg .jpeg")]
    [DataRow(".webp;.jpg", ".webp .jpg")]
    [DataRow("jpg; PNG;", ".jpg .png")]
    public void EndingsAreNamedAsInTimm(string? key, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', ImageEndings.Parse(key)));

    [TestMethod]
    public void AllIsWhateverCanBeDecoded()
    {
        Write("set/a/1.webp", "set/a/2.gif", "set/a/3.bmp", "set/a/4.jpg", "set/a/5.tif",
            "set/a/6.heic");
        using var data = Dataset.Open(folder["set"], inputKey: "all");
        Assert.AreEqual(5, data.Count);
        Assert.Contains("1 .heic", data.Remarks[0]);
        Assert.Contains("names no endings", Assert.ThrowsExactly<UserException>(() => ImageEndings.Parse(";")).Message);
    }

    /// <summary>timm's <c>find_images_and_targets</c> leaves out what a map does not have.</summary>
    [TestMethod]
    public void AMapOfAPartOfTheClassesLeavesTheOthersOut()
    {
        Write("set/cat/1.jpg", "set/cow/2.jpg", "set/cow/3.jpg", "set/dog/4.jpg");
        File.WriteAllText(folder["map.txt"], "dog\ncat\n");
        using var data = Dataset.Open(folder["set"], classMap: folder["map.txt"]);
        CollectionAssert.AreEqual((string[])["cat/1.jpg", "dog/4.jpg"], (string[])[data.Name(0), data.Name(1)]);
        CollectionAssert.AreEqual((int[])[1, 0], (int[])[data.Label(0), data.Label(1)]);
        Assert.AreEqual($"Left out: 2 images of 1 class that the class map {folder["map.txt"]} does not have: cow.",
            data.Remarks.Single());
        CollectionAssert.AreEqual("set/dog/4.jpg"u8.ToArray(), data.Read(1, new FileBuffer()).ToArray());
    }

    /// <summary>A list of names may have one twice; a folder of that name cannot be told.</summary>
    [TestMethod]
    public void ADoubleInAMapIsNoFaultUntilAFolderHasItsName()
    {
        Write("set/heron/1.jpg", "cranes/crane/1.jpg");
        File.WriteAllText(folder["map.txt"], "crane\nheron\ncrane\n");
        CollectionAssert.AreEqual((string[])["crane", "heron", "crane"],
            ClassMap.Load(folder["map.txt"], "").Names.ToArray());
        using var data = Dataset.Open(folder["set"], classMap: folder["map.txt"]);
        Assert.AreEqual(1, data.Label(0));
        Assert.Contains("Class \"crane\" stands in the class map " + folder["map.txt"] + " twice, as 0 and 2",
            Assert.ThrowsExactly<UserException>(() =>
                Dataset.Open(folder["cranes"], classMap: folder["map.txt"])).Message);
    }

    [TestMethod]
    public void ClassesOfAnotherSetGiveTheLabels()
    {
        Write("set/dog/1.jpg", "set/emu/2.jpg");
        using var data = Dataset.Open(folder["set"], classes: ["cat", "dog"]);
        Assert.AreEqual((1, 1), (data.Count, data.Label(0)));
        Assert.Contains("Left out: 1 image of 1 class that the list of classes does not have: emu",
            data.Remarks.Single());
    }

    [TestMethod]
    [DataRow("set.zip", new byte[] { 0x50, 0x4B, 3, 4, 20 })]
    [DataRow("set.tar.gz", new byte[] { 0x1F, 0x8B, 8, 0 })]
    [DataRow("set.tar", new byte[] { 0x28, 0xB5, 0x2F, 0xFD })]
    public void APackedArchiveIsNamed(string name, byte[] start)
    {
        File.WriteAllBytes(folder[name], start);
        Assert.AreEqual($"{folder[name]} is a packed archive: unpack it, or make a .tar of it.",
            Assert.ThrowsExactly<UserException>(() => Dataset.Open(folder[name])).Message);
    }

    /// <summary>Linux has names of any bytes, and .NET opens those in UTF-8 alone.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AFolderWhoseNameIsNotUtf8IsAnImageThatCannotBeRead()
    {
        Write("set/tea/2.jpg");
        Shell("mkdir \"$d\"; touch \"$d/1.jpg\"");
        using var data = Dataset.Open(folder["set"]);
        Assert.AreEqual(2, data.Count);
        CollectionAssert.AreEqual((string[])["caf\uFFFD", "tea"], data.Classes.ToArray());
        Assert.Contains("its name is not UTF-8",
            Assert.ThrowsExactly<UserException>(() => data.Read(0, new FileBuffer()).Length).Message);
        Shell("rm -r \"$d\"");
    }

    /// <summary>Runs a command on the folder "caf\xE9", which .NET cannot name.</summary>
    void Shell(string command)
    {
        using var shell = Process.Start("/bin/sh", ["-c", $"d=\"$0/$(printf 'caf\\351')\"; {command}", folder["set"]]);
        shell.WaitForExit();
    }

    void Write(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], name);
        }
    }
}
