using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Repositories whose weights are too large for one file.</summary>
[TestClass]
public sealed class ShardedRepositoryTests
{
    const string Repository = "timm/test.a1";

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public async Task TheShardsOfAnIndexAreFetchedWithIt()
    {
        using var server = new HubServer();
        foreach (var (file, name) in new[] { ("one.safetensors", "a"), ("two.safetensors", "b") })
        {
            var shard = Path.Combine(folder[""], file);
            SafetensorsWriter.Write(shard, [KeyValuePair.Create(name, Tensor.Of([1f, 2f], 2))],
                new Dictionary<string, string>());
            server.Add($"{Repository}/resolve/main/{file}", File.ReadAllBytes(shard));
        }
        server.Add($"{Repository}/resolve/main/model.safetensors.index.json",
            """{ "weight_map": { "a": "one.safetensors", "b": "two.safetensors" } }"""u8.ToArray());
        var path = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        using (var weights = Checkpoint.Open(path))
            CollectionAssert.AreEqual((string[])["a", "b"], weights.Keys.ToArray());
        var asked = server.Requests.Count;
        Assert.AreEqual(path, await new WeightHub(Settings(server)).GetAsync(new(Repository)));
        Assert.HasCount(asked, server.Requests);
        File.Delete(Path.Combine(Path.GetDirectoryName(path)!, "two.safetensors"));
        await new WeightHub(Settings(server)).GetAsync(new(Repository));
        Assert.IsTrue(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "two.safetensors")));
    }

    HubSettings Settings(HubServer server) => new()
    {
        Cache = folder["hub"],
        UrlCache = "",
        Endpoint = server.Address,
        Pause = TimeSpan.Zero,
    };
}
