using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// A hub on this machine: HEAD and GET of <c>/owner/name/resolve/main/file</c> lead to <c>/cdn/sha256</c> on another
/// host name, as the real one does. What goes wrong is set by the test.
/// </summary>
sealed class HubServer : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    readonly HttpListener listener = new();
    readonly int port = FreePort();
    readonly Dictionary<string, byte[]> files = [];

    public HubServer()
    {
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        _ = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{port}/");

    /// <summary>Method, path, Range and Authorization of every request.</summary>
    public ConcurrentQueue<(string Method, string Path, string? Range, string? Authorization)> Requests { get; } = [];

    /// <summary>Bytes after which a GET is cut off; each is used once.</summary>
    public Queue<int> Cuts { get; } = [];

    /// <summary>Statuses that the next requests get.</summary>
    public Queue<int> Failures { get; } = [];

    public bool KnowsRanges { get; init; } = true;

    /// <summary>Whether GET says how long the file is.</summary>
    public bool SaysLength { get; init; } = true;

    /// <summary>What GET gives in place of the file.</summary>
    public byte[]? Swapped { get; init; }

    public string Add(string path, byte[] content)
    {
        files[path] = content;
        return Sha256(content);
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public void Dispose() => listener.Close();

    async Task ServeAsync()
    {
        while (true)
            try
            {
                Answer(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                if (!listener.IsListening)
                    return;
            }
    }

    void Answer(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var path = request.Url!.AbsolutePath.TrimStart('/');
        Requests.Enqueue((request.HttpMethod, path, request.Headers["Range"], request.Headers["Authorization"]));
        if (Failures.TryDequeue(out var status))
            response.StatusCode = status;
        else if (path.StartsWith("cdn/") && files.Values.FirstOrDefault(f => Sha256(f) == path[4..]) is { } blob)
            Send(request, response, Swapped ?? blob);
        else if (!files.TryGetValue(path, out var content))
            response.StatusCode = 404;
        else if (path.Contains("/resolve/"))
            Redirect(response, content);
        else
            Send(request, response, Swapped ?? content);
        response.Close();
    }

    void Redirect(HttpListenerResponse response, byte[] content)
    {
        response.StatusCode = 302;
        response.Headers["X-Repo-Commit"] = Commit;
        response.Headers["X-Linked-Etag"] = $"\"{Sha256(content)}\"";
        response.Headers["X-Linked-Size"] = content.Length.ToString();
        response.Headers["Location"] = $"http://localhost:{port}/cdn/{Sha256(content)}";
    }

    void Send(HttpListenerRequest request, HttpListenerResponse response, byte[] content)
    {
        var from = 0;
        if (KnowsRanges && request.Headers["Range"] is { } range)
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'));
            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }
        if (SaysLength)
            response.ContentLength64 = content.Length - from;
        else
            response.SendChunked = true;
        var end = Cuts.TryDequeue(out var cut) ? cut : content.Length;
        response.OutputStream.Write(content.AsSpan(from, end - from));
        if (end < content.Length)
        {
            response.OutputStream.Flush();
            response.Abort();
        }
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
