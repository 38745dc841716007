using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Weights that are not in a repository of the hub, and names that are no repository.</summary>
[TestClass]
public sealed class WeightSourceTests
{
    static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm-source-");

    [TestCleanup]
    public void Delete() => folder.Delete(recursive: true);

    [TestMethod]
    public async Task AnAddressOfItsOwnIsCheckedByTheHashInItsName()
    {
        using var server = new HubServer();
        var name = $"net-{HubServer.Sha256(Content)[..8]}.pth";
        server.Add($"releases/{name}", Content);
        server.Add("releases/net-00000000.pth", Content);
        var hub = new WeightHub(Settings(server));
        var path = await hub.GetAsync(new(Url: $"{server.Address}releases/{name}"));
        Assert.AreEqual(Path.Combine(folder.FullName, "checkpoints", name), path);
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
        var wrong = await Refused(Settings(server), new(Url: $"{server.Address}releases/net-00000000.pth"));
        StringAssert.Contains(wrong.Message, "SHA-256");
    }

    [TestMethod]
    [DataRow("../evil")]
    [DataRow("timm/../../evil")]
    [DataRow("/etc/passwd")]
    [DataRow("timm/a@../b")]
    public Task ANameThatLeadsElsewhereIsRefused(string repository) =>
        Refused(new HubSettings { Cache = folder.FullName, UrlCache = folder.FullName }, new(repository));

    [TestMethod]
    public async Task AFolderOrFileOfOnesOwnIsTaken()
    {
        var file = Path.Combine(folder.FullName, "pytorch_model.bin");
        File.WriteAllBytes(file, Content);
        var hub = new WeightHub(new HubSettings { Cache = folder.FullName, UrlCache = "", Offline = true });
        Assert.AreEqual(file, await hub.GetAsync(new(LocalFile: folder.FullName)));
        Assert.AreEqual(file, await hub.GetAsync(new(LocalFile: file)));
    }

    static Task<UserException> Refused(HubSettings settings, WeightSource source) =>
        Assert.ThrowsExactlyAsync<UserException>(() => new WeightHub(settings).GetAsync(source));

    HubSettings Settings(HubServer server) => new()
    {
        Cache = folder.FullName,
        UrlCache = Path.Combine(folder.FullName, "checkpoints"),
        Endpoint = server.Address,
        Pause = TimeSpan.Zero,
    };
}
