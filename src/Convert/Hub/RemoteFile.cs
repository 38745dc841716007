using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>What a server tells of a file before it is fetched.</summary>
/// <param name="Address">Where it is fetched from.</param>
/// <param name="Commit">The hub's commit.</param>
/// <param name="Etag">The hub's name of its content.</param>
/// <param name="Size">Bytes; null where the server does not say.</param>
/// <param name="Sha256">Hexadecimal digits that its SHA-256 begins with; null where none are known.</param>
sealed partial record RemoteFile(Uri Address, string? Commit, string? Etag, long? Size, string? Sha256)
{
    /// <summary>From the answer of the hub. The ETag of a large file is its SHA-256.</summary>
    public static RemoteFile OfHub(Uri address, HttpResponseMessage answer)
    {
        var etag = Safe(Header(answer, "X-Linked-Etag") ?? answer.Headers.ETag?.Tag);
        var size = long.TryParse(Header(answer, "X-Linked-Size"), out var linked) ? linked
            : answer.IsSuccessStatusCode ? answer.Content.Headers.ContentLength : null;
        return new RemoteFile(
            address, Safe(Header(answer, "X-Repo-Commit")), etag, size, etag is { Length: 64 } ? etag : null);
    }

    /// <summary>A file elsewhere: its name ends in a dash and digits of its SHA-256, by torch.hub's custom.</summary>
    public static RemoteFile OfUrl(Uri address) => new(address, null, null, null,
        NamedHash().Match(Path.GetFileName(address.AbsolutePath)) is { Success: true } match
            ? match.Groups[1].Value
            : null);

    static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.First() : null;

    /// <summary>Etags and commits become file names; what is no plain word is not used.</summary>
    static string? Safe(string? word) =>
        word?.Replace("W/", "").Trim('"') is { } plain && Word().IsMatch(plain) ? plain : null;

    [GeneratedRegex(@"^\w[\w-]{0,127}$")]
    private static partial Regex Word();

    [GeneratedRegex(@"-([0-9a-f]{8,})\.")]
    private static partial Regex NamedHash();
}
