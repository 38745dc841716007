using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

[TestClass]
public sealed class WeightHubTests
{
    const string Repository = "timm/test.a1";
    const string Weights = $"{Repository}/resolve/main/model.safetensors";

    static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 + i / 256))];

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm-hub-");

    string Repo => Path.Combine(folder.FullName, "hub", "models--timm--test.a1");

    [TestCleanup]
    public void Delete() => folder.Delete(recursive: true);

    [TestMethod]
    public async Task ADownloadFillsTheCacheInTheHubsLayout()
    {
        using var server = new HubServer();
        var hash = server.Add(Weights, Content);
        var seen = new List<DownloadProgress>();
        var path = await new WeightHub(Settings(server), seen.Add).GetAsync(new(Repository));
        Assert.AreEqual(Path.Combine(Repo, "snapshots", HubServer.Commit, "model.safetensors"), path);
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
        Assert.AreEqual(HubServer.Commit, File.ReadAllText(Path.Combine(Repo, "refs", "main")));
        Assert.AreEqual(hash, Path.GetFileName(Directory.GetFiles(Path.Combine(Repo, "blobs")).Single()));
        Assert.AreEqual(Content.Length, seen[^1].Done);
        Assert.AreEqual(Content.Length, seen[^1].Total);
        if (!OperatingSystem.IsWindows())
            Assert.AreEqual(Path.Combine("..", "..", "blobs", hash), new FileInfo(path).LinkTarget);
    }

    [TestMethod]
    public async Task WhatIsInTheCacheIsNotAskedFor()
    {
        using var server = new HubServer();
        server.Add(Weights, Content);
        var first = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        var asked = server.Requests.Count;
        Assert.AreEqual(first, await new WeightHub(Settings(server) with { Offline = true }).GetAsync(new(Repository)));
        Assert.HasCount(asked, server.Requests);
    }

    [TestMethod]
    public async Task AnInterruptedDownloadGoesOnWhereItEnded()
    {
        using var server = new HubServer();
        server.Add(Weights, Content);
        server.Cuts.Enqueue(100_000);
        var path = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
        var last = server.Requests.Last();
        StringAssert.Matches(last.Range, new("^bytes=[1-9][0-9]*-$"));
        Assert.IsEmpty(Directory.GetFiles(Path.Combine(Repo, "blobs"), "*.incomplete"));
    }

    [TestMethod]
    public async Task AnotherRunGoesOnWithTheUnfinishedFile()
    {
        using var server = new HubServer();
        var hash = server.Add(Weights, Content);
        Directory.CreateDirectory(Path.Combine(Repo, "blobs"));
        File.WriteAllBytes(Path.Combine(Repo, "blobs", hash + ".incomplete"), Content[..123_456]);
        var path = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
        Assert.AreEqual("bytes=123456-", server.Requests.Last().Range);
    }

    [TestMethod]
    public async Task AServerWithoutRangesStartsAfresh()
    {
        using var server = new HubServer { KnowsRanges = false };
        server.Add(Weights, Content);
        server.Cuts.Enqueue(100_000);
        var path = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
    }

    [TestMethod]
    public async Task ADamagedUnfinishedFileIsFetchedAnew()
    {
        using var server = new HubServer();
        var hash = server.Add(Weights, Content);
        Directory.CreateDirectory(Path.Combine(Repo, "blobs"));
        File.WriteAllBytes(Path.Combine(Repo, "blobs", hash + ".incomplete"), new byte[1000]);
        var path = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
    }

    [TestMethod]
    public async Task AWrongChecksumIsRefusedAndLeavesNothing()
    {
        using var server = new HubServer { Swapped = new byte[Content.Length] };
        var hash = server.Add(Weights, Content);
        var error = await Refused(Settings(server), new(Repository));
        StringAssert.Contains(error.Message, hash);
        Assert.IsEmpty(Directory.GetFiles(Repo, "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public async Task TheNextFileOfTheOrderIsTaken()
    {
        using var server = new HubServer();
        server.Add($"{Repository}/resolve/main/pytorch_model.bin", Content);
        StringAssert.EndsWith(await new WeightHub(Settings(server)).GetAsync(new(Repository)), "pytorch_model.bin");
    }

    [TestMethod]
    public async Task ANamedFileAndRevisionAreTaken()
    {
        using var server = new HubServer();
        server.Add($"{Repository}/resolve/v2/other.bin", Content);
        var path = await new WeightHub(Settings(server)).GetAsync(new($"{Repository}@v2", "other.bin"));
        StringAssert.EndsWith(path, "other.bin");
        Assert.IsTrue(File.Exists(Path.Combine(Repo, "refs", "v2")));
    }

    [TestMethod]
    public async Task ARepositoryWithoutWeightsIsNamed()
    {
        using var server = new HubServer();
        var error = await Refused(Settings(server), new(Repository));
        StringAssert.Contains(error.Message, Repository);
        StringAssert.Contains(error.Message, "none of model.safetensors, model.safetensors.index.json, pytorch_model.bin");
    }

    [TestMethod]
    public async Task ABusyServerIsAskedAgain()
    {
        using var server = new HubServer();
        server.Add(Weights, Content);
        server.Failures.Enqueue(503);
        server.Failures.Enqueue(429);
        var path = await new WeightHub(Settings(server)).GetAsync(new(Repository));
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(path));
    }

    [TestMethod]
    public async Task AGatedRepositoryAsksForAToken()
    {
        using var server = new HubServer();
        server.Failures.Enqueue(401);
        var error = await Refused(Settings(server), new(Repository));
        StringAssert.Contains(error.Message, "HF_TOKEN");
    }

    [TestMethod]
    public async Task TheTokenStaysWithTheHub()
    {
        using var server = new HubServer();
        server.Add(Weights, Content);
        await new WeightHub(Settings(server) with { Token = "secret" }).GetAsync(new(Repository));
        foreach (var request in server.Requests)
            Assert.AreEqual(request.Path.StartsWith("cdn/") ? null : "Bearer secret", request.Authorization);
    }

    [TestMethod]
    public async Task OfflineTheMessageSaysWhichFileToPutWhere()
    {
        using var server = new HubServer();
        var hub = new WeightHub(Settings(server) with { Offline = true });
        var error = await Refused(Settings(server) with { Offline = true }, new(Repository));
        var place = Path.Combine(Repo, "snapshots", "main", "model.safetensors");
        StringAssert.Contains(error.Message, new Uri(server.Address, Weights).ToString());
        StringAssert.Contains(error.Message, place);
        Assert.IsEmpty(server.Requests);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllBytes(place, Content);
        Assert.AreEqual(place, await hub.GetAsync(new(Repository)));
    }

    [TestMethod]
    public async Task WithoutAConnectionTheMessageSaysWhichFileToPutWhere()
    {
        HubSettings settings;
        using (var server = new HubServer())
            settings = Settings(server) with { Tries = 2 };
        var error = await Refused(settings, new(Repository));
        StringAssert.Contains(error.Message, Path.Combine(Repo, "snapshots", "main", "model.safetensors"));
    }

    static Task<UserException> Refused(HubSettings settings, WeightSource source) =>
        Assert.ThrowsExactlyAsync<UserException>(() => new WeightHub(settings).GetAsync(source));

    HubSettings Settings(HubServer server) => new()
    {
        Cache = Path.Combine(folder.FullName, "hub"),
        UrlCache = "",
        Endpoint = server.Address,
        Pause = TimeSpan.Zero,
    };
}
