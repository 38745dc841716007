using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>
/// What ONNX Runtime makes of a network on this machine, as a file: quicker to load, and bound to the kind of processor
/// and the release of the runtime that wrote it.
/// </summary>
public static class OptimizedFile
{
    /// <summary>The entry of the metadata that says how far it is optimized, by what and for what.</summary>
    public const string Key = "onnxtimm.optimized";

    /// <summary>The ending of files in the runtime's own form.</summary>
    public const string OrtEnding = ".ort";

    static readonly FrozenDictionary<string, GraphOptimizationLevel> Levels =
        new Dictionary<string, GraphOptimizationLevel>
        {
            { "extended", GraphOptimizationLevel.ORT_ENABLE_EXTENDED },
            { "all",      GraphOptimizationLevel.ORT_ENABLE_ALL },
        }.ToFrozenDictionary();

    /// <summary>This machine's kind of processor, such as "x64 with avx512-vnni, avx2".</summary>
    public static string Kind => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()
        + (Processor.Instructions.Count > 0 ? $" with {string.Join(", ", Processor.Instructions)}" : "");

    /// <summary>Whether a file is in the runtime's own form by its ending.</summary>
    public static bool IsOrt(string path) =>
        Path.GetExtension(path).Equals(OrtEnding, StringComparison.OrdinalIgnoreCase);

    /// <summary>The level, if there is such a one.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static string Checked(string level) =>
        Levels.ContainsKey(level) ? level : throw Nearest.Unknown("level of optimization", level, Levels.Keys.Order());

    /// <summary>What the file says of itself.</summary>
    public static string Note(string level) => $"{level}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}, {Kind}";

    /// <summary>Lets the runtime read a model and write what it made of it, in its own form by the ending.</summary>
    /// <param name="write">Writes the model to a file.</param>
    /// <param name="path">The file, which appears complete or not at all.</param>
    /// <param name="level">"extended", or "all" with the processor's own layouts of weights.</param>
    /// <exception cref="UserException">The runtime cannot, or the file cannot be written.</exception>
    public static void Write(Action<string> write, string path, string level)
    {
        var folder = Directory.CreateTempSubdirectory("onnxtimm");
        try
        {
            var (model, made) = (Path.Combine(folder.FullName, "model.onnx"), Path.Combine(folder.FullName, "made"));
            write(model);
            Session.Open(model, new()
            {
                Level = Levels[Checked(level)],
                OptimizedFile = made,
                Config = new Dictionary<string, string>
                {
                    ["session.save_model_format"] = IsOrt(path) ? "ORT" : "ONNX",
                },
            }).Dispose();
            WriteBeside.Write(path, stream =>
            {
                using var content = RegularFile.OpenStream(made);
                content.CopyTo(stream);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
