using System.Globalization;
using System.Text;

namespace OnnxTimm.Edge;

/// <summary>
/// Which files of a folder are answered, a line each behind the answer: who is ended and started again goes on with the
/// others, and at most the file that was in work is answered twice. A file that was written anew counts as another.
/// </summary>
sealed class Journal : IDisposable
{
    readonly Dictionary<string, (long Length, long Written)> answered;
    readonly FileStream? file;
    readonly Action<string> note;
    bool isFull;

    Journal(Dictionary<string, (long, long)> answered, FileStream? file, Action<string> note) =>
        (this.answered, this.file, this.note) = (answered, file, note);

    /// <summary>Reads what is there and keeps the lines of files that still are.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="folder">The folder that it is about.</param>
    /// <param name="note">Takes a message where it cannot be written: answers go on.</param>
    /// <exception cref="UserException">It cannot be read.</exception>
    public static Journal Open(string path, string folder, Action<string> note)
    {
        var lines = File.Exists(path) && !SpecialFile.Is(path) ? RegularFile.ReadText(path).Split('\n') : [];
        // The last line of who was ended while he wrote is no whole one.
        var entries = lines.Select(Entry).OfType<(string Name, long Length, long Written)>().ToArray();
        if (entries.Length == 0 && lines.Length > 1)
            throw new UserException($"\"{path}\" is no journal of answers: --journal would write over it.");
        var answered = new Dictionary<string, (long, long)>();
        foreach (var (name, length, written) in entries)
            if (File.Exists(Path.Combine(folder, name)))
                answered[name] = (length, written);
        try
        {
            WriteBeside.Write(path, stream =>
            {
                foreach (var (name, (length, written)) in answered)
                    stream.Write(Line(name, length, written));
            });
            return new(answered, new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0), note);
        }
        catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException)
        {
            note($"What is answered cannot be noted, and is answered again after a restart: {e.Message}");
            return new(answered, null, note);
        }
    }

    /// <summary>Whether a file was answered as it is now.</summary>
    public bool Has(FileInfo image) => answered.TryGetValue(image.Name, out var known)
        && known == (image.Length, image.LastWriteTimeUtc.Ticks);

    /// <summary>Notes that a file is answered.</summary>
    /// <param name="image">As it was before it was read.</param>
    public void Add(FileInfo image)
    {
        answered[image.Name] = (image.Length, image.LastWriteTimeUtc.Ticks);
        try
        {
            var line = Line(image.Name, image.Length, image.LastWriteTimeUtc.Ticks);
            // What a full disk cut off must not become one line with this.
            if (!image.Name.Contains('\n'))
                file?.Write(isFull ? [(byte)'\n', .. line] : line);
            isFull = false;
        }
        catch (IOException e) when (!isFull)
        {
            isFull = true;
            note($"What is answered cannot be noted, and is answered again after a restart: {e.Message}");
        }
        catch (IOException)
        {
        }
    }

    public void Dispose() => file?.Dispose();

    static (string Name, long Length, long Written)? Entry(string line) =>
        line.Split(' ', 3) is [var length, var written, var name]
            && long.TryParse(length, CultureInfo.InvariantCulture, out var bytes)
            && long.TryParse(written, CultureInfo.InvariantCulture, out var time) ? (name, bytes, time) : null;

    static byte[] Line(string name, long length, long written) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {written} {name}\n"));
}
