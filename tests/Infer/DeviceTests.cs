using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class DeviceTests
{
    [TestMethod]
    public void ReadsDevices()
    {
        Assert.AreEqual(Device.Cpu, Device.Parse("cpu"));
        Assert.AreEqual(0, Device.Parse("cuda").Number);
        Assert.AreEqual(Device.Parse("cuda:0"), Device.Parse("cuda"));
        Assert.AreEqual(3, Device.Parse("cuda:3").Number);
        Assert.IsTrue(Device.Parse("cpu").IsCpu);
        Assert.IsFalse(Device.Parse("xnnpack").IsCpu);
    }

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    public void RefusesOthers(string text) => Assert.Throws<UserException>(() => Device.Parse(text));
}
