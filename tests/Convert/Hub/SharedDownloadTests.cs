using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Downloads by several at once, over bad connections, and without an announced size.</summary>
[TestClass]
public sealed class SharedDownloadTests
{
    const string Repository = "timm/test.a1";
    const string Weights = $"{Repository}/resolve/main/model.safetensors";

    static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 + i / 256))];

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    /// <summary>One fetches, the others wait for it: the content is sent once.</summary>
    [TestMethod]
    public async Task OneOfManyFetchesForAll()
    {
        using var server = new HubServer();
        server.Add(Weights, Content);
        var paths = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
            Task.Run(() => new WeightHub(Settings(server)).GetAsync(new(Repository)))));
        foreach (var path in paths)
            CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
        Assert.AreEqual(1, server.Requests.Count(r => r.Path.StartsWith("cdn/")));
    }

    /// <summary>huggingface_hub locks <c>.locks/models--owner--name/etag.lock</c>; a lock dies with its holder.</summary>
    [TestMethod]
    public async Task ALockOfAnotherProgramIsWaitedFor()
    {
        using var server = new HubServer();
        var hash = server.Add(Weights, Content);
        var lockFile = folder[$"hub/.locks/models--timm--test.a1/{hash}.lock"];
        Directory.CreateDirectory(Path.GetDirectoryName(lockFile)!);
        var held = new FileStream(lockFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var fetched = new WeightHub(Settings(server)).GetAsync(new(Repository));
        await Task.Delay(300);
        Assert.IsFalse(fetched.IsCompleted);
        await held.DisposeAsync();
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(await fetched));
    }

    /// <summary>Nine cut connections with two tries: each brought something.</summary>
    [TestMethod]
    public async Task TriesCountAnewWhereBytesCame()
    {
        using var server = new HubServer();
        server.Add(Weights, Content);
        for (var end = 30_000; end < Content.Length; end += 30_000)
            server.Cuts.Enqueue(end);
        var settings = Settings(server) with { Tries = 2, LeastSpeed = 100 };
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(await new WeightHub(settings).GetAsync(new(Repository))));
    }

    [TestMethod]
    public async Task AFileWithoutAnnouncedSizeHasALimit()
    {
        using var server = new HubServer { SaysLength = false };
        server.Add("w/net.pth", Content);
        var source = new WeightSource(Url: new Uri(server.Address, "w/net.pth").ToString());
        var error = await Assert.ThrowsExactlyAsync<UserException>(() =>
            new WeightHub(Settings(server) with { MostUnsaid = 100_000 }).GetAsync(source));
        StringAssert.Contains(error.Message, "more than 100000 bytes");
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(await new WeightHub(Settings(server)).GetAsync(source)));
    }

    [TestMethod]
    public void ATrickleIsNoConnection()
    {
        var speed = new LeastSpeed(new() { Cache = "", UrlCache = "", Silence = TimeSpan.FromMilliseconds(50) });
        speed.Check(10);
        Thread.Sleep(60);
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => speed.Check(10)).Message, "only 20 bytes");
        var quick = new LeastSpeed(new() { Cache = "", UrlCache = "", Silence = TimeSpan.FromMilliseconds(50) });
        Thread.Sleep(60);
        quick.Check(1000);
    }

    HubSettings Settings(HubServer server) => new()
    {
        Cache = folder["hub"],
        UrlCache = folder["urls"],
        Endpoint = server.Address,
        Pause = TimeSpan.Zero,
    };
}
