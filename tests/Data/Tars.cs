using System.Text;

namespace OnnxTimm.Tests;

/// <summary>
/// Members of tar archives as bytes, for what no library writes (POSIX.1-2001; GNU tar's manual on sparse files).
/// </summary>
static class Tars
{
    const int Block = 512;

    /// <summary>A header and its content.</summary>
    /// <param name="name">The member's name, one byte a character.</param>
    /// <param name="content">Its content.</param>
    /// <param name="type">Its kind.</param>
    /// <param name="change">Changes the header before its sum is taken.</param>
    public static byte[] Member(string name, byte[] content, char type = '0', Action<byte[]>? change = null)
    {
        var header = new byte[Block];
        Put(header, 0, name);
        Put(header, 100, "0000644");
        Put(header, 124, Convert.ToString(content.Length, 8).PadLeft(11, '0'));
        header[156] = (byte)type;
        Put(header, 257, "ustar\0" + "00");
        change?.Invoke(header);
        Put(header, 148, "        ");
        Put(header, 148, Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return [.. header, .. content, .. new byte[(Block - content.Length % Block) % Block]];
    }

    /// <summary>The header of records for the member that follows.</summary>
    public static byte[] Pax(params (string Key, string Value)[] records) => Member("pax", [.. records.SelectMany(r =>
    {
        var text = $" {r.Key}={r.Value}\n";
        var length = text.Length + 1;
        while ($"{length}".Length + text.Length != length)
            length++;
        return Encoding.Latin1.GetBytes(length + text);
    })], 'x');

    /// <summary>Writes members and the two blocks of zeros at the end.</summary>
    public static void Write(string path, params byte[][] members) =>
        File.WriteAllBytes(path, [.. members.SelectMany(m => m), .. new byte[2 * Block]]);

    public static void Put(byte[] header, int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(header, at);
}
