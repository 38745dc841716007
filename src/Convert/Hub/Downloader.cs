using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace OnnxTimm.Conversion;

/// <summary>How far a download is.</summary>
/// <param name="File">Name for a person.</param>
/// <param name="Done">Bytes that are there.</param>
/// <param name="Total">Bytes of the whole; null where the server does not say.</param>
public readonly record struct DownloadProgress(string File, long Done, long? Total);

/// <summary>Fetches files over HTTP: goes on where an earlier try ended, and checks size and SHA-256.</summary>
sealed class Downloader(HubSettings settings, Action<DownloadProgress>? progress) : IDisposable
{
    const int MaxRedirects = 10;

    readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,  // by hand: the token must not follow, and the hub's facts are on the first answer
        ConnectTimeout = settings.Silence,
    })
    { Timeout = settings.Silence };

    public void Dispose() => client.Dispose();

    /// <summary>What the hub tells of a file; null where the repository does not have it.</summary>
    public Task<RemoteFile?> DescribeAsync(Uri address, CancellationToken cancel) => Retry(address, async () =>
    {
        using var answer = await SendAsync(HttpMethod.Head, address, 0, stayOnHost: true, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null
            : answer.IsSuccessStatusCode || IsRedirect(answer) ? RemoteFile.OfHub(address, answer)
            : throw Refused(address, answer);
    }, cancel);

    /// <summary>
    /// Fetches a file under a temporary name, checks it and moves it to <paramref name="path"/>; where another process
    /// does so already, waits for it.
    /// </summary>
    /// <param name="remote">What is fetched.</param>
    /// <param name="path">Where it is to be.</param>
    /// <param name="lockPath">The file that is locked meanwhile.</param>
    /// <param name="cancel">Ends the wait and the download.</param>
    public async Task FetchAsync(RemoteFile remote, string path, string lockPath, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var turn = await FileLock.TakeAsync(lockPath, cancel);
        if (File.Exists(path))
            return;
        var partial = path + ".incomplete";
        await Retry(remote.Address, async () =>
        {
            await ContinueAsync(remote, partial, cancel);
            await CheckAsync(remote, partial, cancel);
            return true;
        }, cancel, () => new FileInfo(partial) is { Exists: true } file ? file.Length : 0);
        File.Move(partial, path, overwrite: true);
    }

    async Task ContinueAsync(RemoteFile remote, string partial, CancellationToken cancel)
    {
        await using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        if (file.Length > remote.Size)
            file.SetLength(0);
        if (file.Length == remote.Size)
            return;
        using var answer = await SendAsync(HttpMethod.Get, remote.Address, file.Length, stayOnHost: false, cancel);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            file.SetLength(0);
            throw new IOException("the server's file is shorter than what is already there");
        }
        if (!answer.IsSuccessStatusCode)
            throw Refused(remote.Address, answer);
        file.SetLength(answer.StatusCode == HttpStatusCode.PartialContent ? file.Length : 0);
        await CopyAsync(remote, answer, file, cancel);
    }

    async Task CopyAsync(RemoteFile remote, HttpResponseMessage answer, FileStream file, CancellationToken cancel)
    {
        file.Position = file.Length;
        var total = remote.Size ?? file.Length + answer.Content.Headers.ContentLength;
        var name = Path.GetFileName(remote.Address.AbsolutePath);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var speed = new LeastSpeed(settings);
        await using var content = await answer.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[1 << 17];
        while (true)
        {
            silence.CancelAfter(settings.Silence);
            var count = await content.ReadAsync(buffer, silence.Token);
            if (count == 0)
                break;
            await file.WriteAsync(buffer.AsMemory(0, count), cancel);
            progress?.Invoke(new DownloadProgress(name, file.Position, total));
            speed.Check(count);
            if (file.Position > total)
                break;
            if (total is null && file.Position > settings.MostUnsaid)
                throw new UserException($"{remote.Address} does not say how long it is, and gives more than "
                    + $"{settings.MostUnsaid} bytes.");
        }
        if (total is { } expected && file.Position < expected)
            throw new IOException($"the connection ended after {file.Position} of {expected} bytes");
    }

    /// <summary>A file that is not what was announced is thrown away, so that the next try starts afresh.</summary>
    static async Task CheckAsync(RemoteFile remote, string partial, CancellationToken cancel)
    {
        var size = new FileInfo(partial).Length;
        var fault = remote.Size is { } expected && size != expected
            ? $"has {size} bytes, {expected} were announced"
            : null;
        if (fault is null && remote.Sha256 is { } hash && await HashAsync(partial, cancel) is var actual
            && !actual.StartsWith(hash, StringComparison.OrdinalIgnoreCase))
            fault = $"has the SHA-256 {actual}, {hash} was announced";
        if (fault is null)
            return;
        File.Delete(partial);
        throw new DamagedException($"what came {fault}");
    }

    static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = RegularFile.OpenStream(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }

    async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, long from, bool stayOnHost, CancellationToken cancel)
    {
        for (var hop = 0; hop < MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            if (from > 0)
                request.Headers.Range = new RangeHeaderValue(from, null);
            if (settings.Token is { } token && address.Authority == settings.Endpoint.Authority)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (!IsRedirect(answer) || answer.Headers.Location is not { } location)
                return answer;
            var next = new Uri(address, location);
            if (stayOnHost && next.Authority != address.Authority)
                return answer;
            answer.Dispose();
            address = next.Scheme == "https" || next.Scheme == address.Scheme
                ? next
                : throw new UserException($"{address} leads to {next}, which is not encrypted.");
        }
        throw new UserException($"{address} leads in circles.");
    }

    /// <summary>
    /// Tries again after faults that may pass: lost connections, busy servers, damaged content. Tries count anew where
    /// one brought more than a silent connection would.
    /// </summary>
    async Task<T> Retry<T>(Uri address, Func<Task<T>> run, CancellationToken cancel, Func<long>? done = null)
    {
        var before = done?.Invoke() ?? 0;
        for (var attempt = 1; ; attempt++)
            try
            {
                return await run();
            }
            catch (Exception e) when (e is HttpRequestException or IOException
                || e is OperationCanceledException && !cancel.IsCancellationRequested)
            {
                var now = done?.Invoke() ?? 0;
                if (e is not DamagedException && now - before >= LeastSpeed.Bytes(settings))
                    attempt = 1;
                before = now;
                if (attempt >= (e is DamagedException ? 2 : settings.Tries))
                    throw new DownloadException($"{address}: {e.Message}", e);
                await Task.Delay(settings.Pause * Math.Pow(2, attempt - 1), cancel);
            }
    }

    static bool IsRedirect(HttpResponseMessage answer) => (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308;

    static Exception Refused(Uri address, HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new UserException(
            $"{address} is refused ({(int)answer.StatusCode}): the repository does not exist, or needs its licence "
            + "accepted and an access token in HF_TOKEN."),
        HttpStatusCode.NotFound => new UserException($"{address} does not exist."),
        _ => new HttpRequestException($"the server answers {(int)answer.StatusCode} {answer.ReasonPhrase}"),
    };
}

/// <summary>Content that is not what was announced: worth one more try, when it was put together from two.</summary>
sealed class DamagedException(string message) : IOException(message);

/// <summary>A download that failed for good.</summary>
sealed class DownloadException(string message, Exception inner) : Exception(message, inner);
