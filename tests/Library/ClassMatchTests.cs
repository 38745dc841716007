using OnnxTimm.Models;

namespace OnnxTimm.Tests.Library;

/// <summary>Expected indices: timm's data/_info and the labels themselves.</summary>
[TestClass]
public sealed class ClassMatchTests
{
    static readonly string[] Animals = ["cat, Felis catus", "great_crane", "dog", "crane, machine", "crane"];

    [TestMethod]
    public void WordNetIdsAreThoseOfTheNumberOfOutputs()
    {
        CollectionAssert.AreEqual((int[])[0, 517, 999], Match(["n01440764", "n03126707", "n15075141"], [], 1000));
        CollectionAssert.AreEqual((int[])[0, 999], Match(["n01440764", "n15075141"], Pretrained.ImageNetNames, 1000));
        CollectionAssert.AreEqual((int[])[0, 21842], Match(["n00004475", "n15102894"], [], 21843));
        CollectionAssert.AreEqual((int[])[999, 1000], Match(["n15075141", "n00004475"], [], 21842));
        Assert.IsEmpty(Synsets.Of(999));
    }

    /// <summary>Each list whole, in timm's order.</summary>
    [TestMethod]
    [DataRow(1000, "n01440764", "n15075141")]
    [DataRow(11221, "n00005787", "n15102894")]
    [DataRow(11821, "n00005787", "n15102894")]
    [DataRow(21841, "n00004475", "n15102894")]
    [DataRow(21842, "n01440764", "n15102894")]
    [DataRow(21843, "n00004475", "n15102894")]
    public void ListsAreWhole(int outputs, string first, string last)
    {
        var ids = Synsets.Of(outputs);
        Assert.HasCount(outputs, ids.Distinct().ToArray());
        Assert.AreEqual((first, last), (ids[0], ids[^1]));
    }

    [TestMethod]
    public void LabelsAreFoundAsTheyAreAndByTheirParts()
    {
        CollectionAssert.AreEqual((int[])[2, 4], Match(["dog", "crane"], Animals, 5));
        CollectionAssert.AreEqual((int[])[0, 0, 1], Match(["Felis_Catus", "cat", "great crane"], Animals, 5));
        CollectionAssert.AreEqual((int[])[0, 3], Match(["tench", "tiger-shark"], Pretrained.ImageNetNames, 1000));
        Fails("Folder \"crane\" may mean class 134 or class 517", ["crane"], Pretrained.ImageNetNames, 1000);
    }

    [TestMethod]
    public void IndicesAreNamesUnlessLabelsAreNumbers()
    {
        CollectionAssert.AreEqual((int[])[3, 7], Match(["3", "7"], [], 10));
        CollectionAssert.AreEqual((int[])[1, 2], Match(["1", "2"], Animals, 5));
        CollectionAssert.AreEqual((int[])[2, 0], Match(["2", "7"], ["7", "3", "2"], 3));
        Fails("folder \"0\" is no label, no name in a label:", ["0"], ["7", "3", "2"], 3);
        Fails("folder \"10\" is no index:", ["3", "10"], [], 10);
    }

    [TestMethod]
    public void WithoutLabelsAllFoldersStandInOrder()
    {
        CollectionAssert.AreEqual((int[])[0, 1, 2], Match(["a", "b", "c"], [], 3));
        CollectionAssert.AreEqual((int[])[0, 1, 2], Match(["1", "2", "3"], [], 3));
        Fails("The data have 2 classes, \"m.onnx\" has 3. It has no labels, and folder \"a\" is no index:",
            ["a", "b"], [], 3);
    }

    [TestMethod]
    public void WhatDoesNotFitIsRefusedWithWhatWasCompared()
    {
        Fails("folder \"lorry\" is no label, no name in a label, no index", ["dog", "lorry"], Animals, 5);
        Fails("Its labels are cat, Felis catus; great_crane; dog; ..., and", ["dog", "lorry"], Animals, 5);
        Fails("Did you mean \"dog\"?", ["cat", "dogg"], Animals, 5);
        Fails("The data have 2 classes, \"m.onnx\" has 2.", ["x", "y"], ["a", "b"], 2);
        Fails("no WordNet id", ["n01440764", "n99999999"], [], 1000);
    }

    [TestMethod]
    public void APartIsSaid()
    {
        var said = new List<string>();
        ClassMatch.Of(["dog"], Animals, 5, "m.onnx", said.Add);
        ClassMatch.Of(["cat", "dog"], ["cat", "dog"], 2, "m.onnx", said.Add);
        Assert.AreEqual("the data have 1 of the model's 5 classes, by label.", said.Single());
    }

    static int[] Match(string[] folders, IReadOnlyList<string> labels, long outputs) =>
        ClassMatch.Of(folders, labels, outputs, "m.onnx", _ => { });

    static void Fails(string message, string[] folders, IReadOnlyList<string> labels, long outputs) => Assert.Contains(
        message, Assert.ThrowsExactly<UserException>(() => Match(folders, labels, outputs)).Message);
}
