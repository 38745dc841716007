using System.Text;

namespace OnnxTimm.Data;

/// <summary>Memory that one reader uses for one file after the other.</summary>
public sealed class FileBuffer
{
    byte[] bytes = [];

    /// <summary>Memory of that length; the former content is lost.</summary>
    public Span<byte> Take(long length, string name)
    {
        if (length > Array.MaxLength)
            throw new UserException($"{name} has {length} bytes, too many for one image.");
        if (bytes.Length < length)
            bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, length + length / 4));
        return bytes.AsSpan(0, (int)length);
    }

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="UserException">It cannot be read.</exception>
    public ReadOnlySpan<byte> Read(string path)
    {
        try
        {
            using var file = RegularFile.Open(path, FileOptions.SequentialScan);
            var content = Take(RandomAccess.GetLength(file), path);
            var length = 0;
            for (int read; length < content.Length; length += read)
                if ((read = RandomAccess.Read(file, content[length..], length)) == 0)
                    break;
            return content[..length];
        }
        catch (Exception e) when (!IsUtf8(path))
        {
            throw new UserException($"Cannot read {path}: its name is not UTF-8, and cannot be used. Rename it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot read {path}: {(e is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file" : e.Message)}", e);
        }
    }

    /// <summary>False where bytes that are not UTF-8 were replaced: .NET cannot give such a name back.</summary>
    internal static bool IsUtf8(string path) =>
        OperatingSystem.IsWindows() || !path.Contains(Rune.ReplacementChar.ToString());
}
