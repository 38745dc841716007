using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Reads the reference values of images.</summary>
static class ImageGolden
{
    /// <summary>The rows of one list of a JSON file that every clone has.</summary>
    public static JsonElement[] Rows(string file, string list) =>
        [.. Parse(Paths.Golden("images", file)).GetProperty(list).EnumerateArray()];

    /// <summary>Files that a decoder is tried on, with the hash of Pillow's pixels: data of a test.</summary>
    public static IEnumerable<object[]> Decoded(string file) =>
        Rows(file, "decode").Select(r => new object[] { r.Text("file"), r.Text("sha256_rgb") });

    /// <summary>The rows of a JSON file of the whole reference set.</summary>
    public static JsonElement[] AllRows(string file) =>
        [.. Parse(Paths.Shared("golden", "images", file)).EnumerateArray()];

    public static JsonElement Parse(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    /// <summary>An image of the excerpt, or else of the whole set.</summary>
    public static Image Open(string name)
    {
        var excerpt = Paths.Golden("images", "files", name);
        return ImageDecoder.Decode(File.Exists(excerpt) ? excerpt : Paths.Shared("data", "photos", name));
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Text(this JsonElement row, string name) => row.GetProperty(name).GetString()!;

    public static double Number(this JsonElement row, string name) => row.GetProperty(name).GetDouble();

    public static int[] Ints(this JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];

    public static float[] Floats(this JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(v => (float)v.GetDouble())];
}
