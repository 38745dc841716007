using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

[TestClass]
public sealed class HubSettingsTests
{
    [TestMethod]
    [DataRow("HF_HUB_CACHE=/a HF_HOME=/b ONNXTIMM_HOME=/c", "/a")]
    [DataRow("HF_HOME=/b ONNXTIMM_HOME=/c", "/b/hub")]
    [DataRow("ONNXTIMM_HOME=/c", "/c/hub")]
    [DataRow("XDG_CACHE_HOME=/d", "/d/huggingface/hub")]
    public void TheCacheFollowsTheEnvironment(string variables, string expected) =>
        Assert.AreEqual(expected, Settings(variables).Cache.Replace('\\', '/'));

    [TestMethod]
    [DataRow("TORCH_HOME=/a ONNXTIMM_HOME=/c", "/a/hub/checkpoints")]
    [DataRow("ONNXTIMM_HOME=/c", "/c/hub/checkpoints")]
    [DataRow("XDG_CACHE_HOME=/d", "/d/torch/hub/checkpoints")]
    public void FilesWithAddressesLieWhereTorchPutsThem(string variables, string expected) =>
        Assert.AreEqual(expected, Settings(variables).UrlCache.Replace('\\', '/'));

    [TestMethod]
    public void EndpointOfflineAndTokenAreHuggingFaces()
    {
        var settings = Settings("HF_ENDPOINT=https://mirror.test/hf HF_HUB_OFFLINE=1 HF_TOKEN=t");
        Assert.AreEqual("https://mirror.test/hf/timm/x", new Uri(settings.Endpoint, "timm/x").ToString());
        Assert.IsTrue(settings.Offline);
        Assert.AreEqual("t", settings.Token);
        Assert.IsFalse(Settings("").Offline);
    }

    [TestMethod]
    public void AnEndpointThatIsNoAddressIsNamed() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Settings("HF_ENDPOINT=nowhere")).Message, "nowhere");

    static HubSettings Settings(string variables)
    {
        var table = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        return HubSettings.FromEnvironment(name => table.GetValueOrDefault(name));
    }
}
