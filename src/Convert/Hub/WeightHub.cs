namespace OnnxTimm.Conversion;

/// <summary>
/// Finds the file with pretrained weights: on this machine where it is there already, else from the hub or an address.
/// </summary>
public sealed class WeightHub(HubSettings settings, Action<DownloadProgress>? progress = null)
{
    /// <summary>The path of the weights, after a download where it is needed.</summary>
    /// <exception cref="UserException">
    /// There are no weights, or no connection; the message then says which file to put where.
    /// </exception>
    public Task<string> GetAsync(WeightSource source, CancellationToken cancel = default) =>
        source.LocalFile is { } local ? Task.FromResult(Directory.Exists(local) ? WeightFiles.In(local) : local)
        : source.HubId is not null ? FromHubAsync(source, cancel)
        : source.Url is { } url ? FromUrlAsync(new Uri(url), cancel)
        : throw new UserException("There are no pretrained weights for this model.");

    async Task<string> FromHubAsync(WeightSource source, CancellationToken cancel)
    {
        source.CheckHubId();
        var cache = new HubCache(settings.Cache, source.Repository, source.Revision);
        var files = source.HubFile is { } named ? [named] : WeightFiles.Preferred;
        if (files.Where(file => IsWhole(cache, file)).Select(cache.Find).FirstOrDefault() is { } found)
            return found;
        if (settings.Offline)
            throw Absent(Address(source, files[0]), cache.PlaceFor(files[0]), "HF_HUB_OFFLINE is set");
        try
        {
            using var downloader = new Downloader(settings, progress);
            return await DownloadAsync(downloader, cache, source, files, cancel);
        }
        catch (DownloadException e)
        {
            throw Absent(Address(source, files[0]), cache.PlaceFor(files[0]), e.Message);
        }
    }

    async Task<string> DownloadAsync(Downloader downloader, HubCache cache, WeightSource source,
        IReadOnlyList<string> files, CancellationToken cancel)
    {
        foreach (var file in files)
            if (await FileAsync(downloader, cache, source, file, cancel) is { } path)
            {
                foreach (var shard in Shards(file, path))
                    _ = await FileAsync(downloader, cache, source, shard, cancel) ?? throw new UserException(
                        $"{Address(source, shard)} does not exist, though {file} of the repository names it.");
                return path;
            }
        throw new UserException($"The repository {new Uri(settings.Endpoint, source.Repository)} has no weights: "
            + $"none of {string.Join(", ", files)}.");
    }

    /// <summary>Fetches a file of a repository where it is not there yet; null where the repository has none.</summary>
    async Task<string?> FileAsync(Downloader downloader, HubCache cache, WeightSource source, string file,
        CancellationToken cancel)
    {
        if (await downloader.DescribeAsync(Address(source, file), cancel) is not { } remote)
            return null;
        var etag = remote.Etag ?? file.Replace('/', '-');
        if (!File.Exists(cache.Blob(etag)))
            await downloader.FetchAsync(remote, cache.Blob(etag), cache.LockOf(etag), cancel);
        return cache.Link(etag, remote.Commit ?? source.Revision, file);
    }

    /// <summary>Whether the cache has a file and, where it is an index, all that it lists.</summary>
    static bool IsWhole(HubCache cache, string file) => cache.Find(file) is { } path
        && Shards(file, path).All(shard => cache.Find(shard) is not null);

    /// <summary>The files of a repository that hold what an index lists.</summary>
    static IEnumerable<string> Shards(string file, string path) =>
        SafetensorsIndex.Files(path).Select(shard => $"{file[..(file.LastIndexOf('/') + 1)]}{shard}");

    async Task<string> FromUrlAsync(Uri url, CancellationToken cancel)
    {
        var path = Path.Combine(settings.UrlCache, Path.GetFileName(url.AbsolutePath));
        if (File.Exists(path))
            return path;
        if (settings.Offline)
            throw Absent(url, path, "HF_HUB_OFFLINE is set");
        try
        {
            using var downloader = new Downloader(settings, progress);
            await downloader.FetchAsync(RemoteFile.OfUrl(url), path, $"{path}.lock", cancel);
            return path;
        }
        catch (DownloadException e)
        {
            throw Absent(url, path, e.Message);
        }
    }

    Uri Address(WeightSource source, string file) =>
        new(settings.Endpoint, $"{source.Repository}/resolve/{source.Revision}/{file}");

    static UserException Absent(Uri address, string path, string reason) => new(
        $"Pretrained weights are not on this machine and cannot be fetched ({reason}). "
        + $"Fetch {address} elsewhere and put it at \"{path}\".");
}
