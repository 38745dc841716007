namespace OnnxTimm.Tests;

/// <summary>A folder that is gone after the test.</summary>
sealed class TempFolder : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm");

    /// <summary>The path of a file in it.</summary>
    public string this[string file] => Path.Combine(folder.FullName, file);

    public string[] Files => [.. folder.GetFiles().Select(f => f.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => folder.Delete(recursive: true);
}
