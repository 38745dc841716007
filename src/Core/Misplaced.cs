namespace OnnxTimm;

/// <summary>What often lies where a file of weights, a model or an image is expected.</summary>
public static class Misplaced
{
    const int Looked = 512;

    static readonly (byte[] Head, string What)[] Kinds =
    [
        ("version https://git-lfs"u8.ToArray(), "it is a Git LFS pointer, not the file itself: \"git lfs pull\" "
            + "fetches that"),
        ("<!doctype"u8.ToArray(), "it begins like a web page: what was saved is a page, not the file"),
        ("<html"u8.ToArray(), "it begins like a web page: what was saved is a page, not the file"),
        ("<?xml"u8.ToArray(), "it begins like an XML page: what was saved is a server's answer, not the file"),
    ];

    /// <summary>What it is, as the end of a sentence without its full stop; null for anything else.</summary>
    /// <param name="head">How the file begins.</param>
    public static string? Find(ReadOnlySpan<byte> head)
    {
        var start = head[..Math.Min(head.Length, Looked)].TrimStart("\uFEFF \t\r\n"u8);
        foreach (var (words, what) in Kinds)
            if (start.Length >= words.Length && System.Text.Ascii.EqualsIgnoreCase(start[..words.Length], words))
                return what;
        return null;
    }

    /// <summary>The same of a file; null where it cannot be read, too.</summary>
    public static string? Find(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            var head = new byte[Looked];
            return Find(head.AsSpan(0, RandomAccess.Read(file, head, 0)));
        }
        catch (Exception e) when (e is UserException or IOException)
        {
            return null;
        }
    }
}
