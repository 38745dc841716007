using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class DeviceTests
{
    [TestMethod]
    public void ReadsDevices()
    {
        Assert.AreEqual(Device.Cpu, Device.Parse("cpu"));
        Assert.AreEqual(new Device(0), Device.Parse("cuda"));
        Assert.AreEqual(new Device(3), Device.Parse("cuda:3"));
    }

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    public void RefusesOthers(string text) => Assert.Throws<UserException>(() => Device.Parse(text));
}
