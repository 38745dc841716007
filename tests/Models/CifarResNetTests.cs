using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

[TestClass]
public sealed class CifarResNetTests
{
    /// <summary>The counts that akamaster/pytorch_resnet_cifar10 publishes, and its names for one of each kind.</summary>
    [TestMethod]
    [DataRow("cifar_resnet20", 269_722)]
    [DataRow("cifar_resnet32", 464_154)]
    [DataRow("cifar_resnet44", 658_586)]
    [DataRow("cifar_resnet56", 853_018)]
    [DataRow("cifar_resnet110", 1_727_962)]
    public void HasThePublishedNumberOfParameters(string name, long count)
    {
        var model = Zoo.Build(name);
        Assert.AreEqual(count, model.ParamCount);
        Assert.IsNotNull(model.Graph.Find("layer3.0.bn2.running_var"));
        Assert.AreEqual(Shape.Of(10, 64), model.Graph.Find("fc.weight")!.Shape);
    }
}
