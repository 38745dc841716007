namespace OnnxTimm.Conversion;

/// <summary>
/// A turn among processes: a file that one of them holds open. It ends with its process, however that ends; the empty
/// file stays, since another may wait for it.
/// </summary>
static class FileLock
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>What .NET says of a file that another holds: EWOULDBLOCK of Linux, of macOS, and Windows.</summary>
    static readonly int[] Busy = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Waits until no other holds it.</summary>
    /// <exception cref="UserException">The file cannot be made or written to.</exception>
    public static async Task<FileStream> TakeAsync(string path, CancellationToken cancel)
    {
        Make(path);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new UserException($"Cannot write \"{path}\": {e.Message}", e);
            }
            catch (IOException e) when (Busy.Contains(e.HResult))
            {
                // somebody else's turn
            }
            await Task.Delay(Pause, cancel);
        }
    }

    static void Make(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
                File.Create(path).Dispose();
            RegularFile.Check(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // made by another at the same moment, who holds it
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write \"{path}\": {e.Message}", e);
        }
    }
}
