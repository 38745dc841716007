namespace OnnxTimm.Conversion;

/// <summary>
/// One repository in Hugging Face's cache: <c>models--owner--name</c> with <c>refs/main</c> (a commit),
/// <c>snapshots/commit/file</c> (links) and <c>blobs/etag</c> (content).
/// </summary>
sealed class HubCache(string cache, string repository, string revision)
{
    readonly string folder = Path.Combine(cache, "models--" + repository.Replace("/", "--"));

    /// <summary>Where a person without a network may put a file so that it is found.</summary>
    public string PlaceFor(string file) => Snapshot(Commit() ?? revision, file);

    /// <summary>The path of a file that is there; null otherwise.</summary>
    public string? Find(string file) => new[] { Commit(), revision }.OfType<string>()
        .Select(commit => Snapshot(commit, file)).FirstOrDefault(File.Exists);

    /// <summary>Locked while a blob is fetched: huggingface_hub's file, so that its programs wait too.</summary>
    public string LockOf(string etag) => Path.Combine(cache, ".locks", Path.GetFileName(folder), $"{etag}.lock");

    public string Blob(string etag) => Path.Combine(folder, "blobs", etag);

    /// <summary>Makes a downloaded blob visible as a file of a commit, and the commit as the revision's.</summary>
    public string Link(string etag, string commit, string file)
    {
        var path = Snapshot(commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            LinkOrCopy(path, Blob(etag));
        if (commit != revision)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Reference)!);
            WriteBeside.Write(Reference, System.Text.Encoding.ASCII.GetBytes(commit));
        }
        return path;
    }

    string Reference => Path.Combine(folder, "refs", revision);

    string? Commit() => File.Exists(Reference) ? RegularFile.ReadText(Reference).Trim() : null;

    string Snapshot(string commit, string file) => Path.Combine(folder, "snapshots", commit, file);

    static void LinkOrCopy(string path, string blob)
    {
        File.Delete(path);  // a link whose blob is gone
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows without the right to make links
            WriteBeside.Write(path, stream =>
            {
                using var from = RegularFile.OpenStream(blob);
                from.CopyTo(stream);
            });
        }
    }
}
