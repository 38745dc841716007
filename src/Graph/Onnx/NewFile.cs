namespace OnnxTimm.Onnx;

/// <summary>A file written under another name in its folder, which takes its place when it is complete.</summary>
sealed class NewFile : IDisposable
{
    readonly string path;
    readonly string beside;

    /// <exception cref="UserException">The folder is absent or closed to writing.</exception>
    public NewFile(string path)
    {
        this.path = Path.GetFullPath(path);
        beside = $"{this.path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write \"{path}\": {e.Message}", e);
        }
    }

    public FileStream Stream { get; }

    public void Commit()
    {
        Stream.Dispose();
        File.Move(beside, path, overwrite: true);
    }

    public void Dispose()
    {
        Stream.Dispose();
        File.Delete(beside);
    }
}
