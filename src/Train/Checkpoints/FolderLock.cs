namespace OnnxTimm.Train;

/// <summary>
/// Keeps other trainings out of a folder until it is disposed or its process ends, however that ends: the system holds
/// it, not the file, which stays.
/// </summary>
sealed class FolderLock : IDisposable
{
    public const string FileName = ".lock";

    /// <summary>What a file that another has opened gives on Windows, on Linux and on macOS.</summary>
    static readonly int[] Held = [unchecked((int)0x80070020), 11, 35];

    readonly FileStream file;

    FolderLock(FileStream file) => this.file = file;

    /// <summary>Makes the folder and locks it; null where another has it.</summary>
    /// <exception cref="UserException">The folder cannot be written to.</exception>
    public static FolderLock? TryTake(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, FileName);
            return new(new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (Held.Contains(e.HResult))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write to the folder \"{folder}\": {e.Message}", e);
        }
    }

    public void Dispose() => file.Dispose();
}
