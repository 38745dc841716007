using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>ONNX Runtime's native library, where a program says itself which file it is.</summary>
public static unsafe class RuntimeLibrary
{
    /// <summary>The release that calls are made for, 1.x: its library, or a later one, has them all.</summary>
    internal const uint Api = 31;

    static nint handle;

    /// <summary>What the library is called on this system.</summary>
    public static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";

    /// <summary>
    /// Whether the library is to be found by its file: of what is compiled ahead of time it lies beside the program;
    /// .NET's own host knows itself where it is.
    /// </summary>
    public static bool IsApart => !RuntimeFeature.IsDynamicCodeSupported;

    /// <summary>Loads the library; once, before anything else of the runtime is used.</summary>
    /// <param name="path">The file, or the folder that it is in.</param>
    /// <returns>Its release, such as "1.31.1".</returns>
    /// <exception cref="UserException">It is not there, is another library, or of another release.</exception>
    public static string Load(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (!File.Exists(file))
            throw new UserException($"There is no ONNX Runtime at \"{file}\": put {FileName} there, or name it by "
                + "--runtime.");
        Telemetry.Refuse();
        var release = Release(file);
        OrtEnv.DisableDllImportResolver = true;
        foreach (var who in (Type[])[typeof(OrtEnv), typeof(RuntimeLibrary)])
            NativeLibrary.SetDllImportResolver(who.Assembly, (name, _, _) =>
                name.Contains("onnxruntime", StringComparison.Ordinal) ? handle : 0);
        return release;
    }

    /// <summary>Loads a file and asks it what it is, by the one function that all releases export.</summary>
    static string Release(string file)
    {
        try
        {
            handle = NativeLibrary.Load(Path.GetFullPath(file));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new UserException($"\"{file}\" cannot be loaded: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out var function))
            throw new UserException($"\"{file}\" is no ONNX Runtime: it has no OrtGetApiBase.");
        var api = ((delegate* unmanaged<ApiBase*>)function)();
        var release = Marshal.PtrToStringUTF8(api->GetVersionString()) ?? "";
        // A library says on standard error which release it lacks; to ask it its name first is silent.
        return release.Split('.') is [_, var minor, ..] && uint.TryParse(minor, out var has) && has >= Api ? release
            : throw new UserException($"\"{file}\" is ONNX Runtime {release}; 1.{Api} or later is needed.");
    }

    /// <summary>OrtApiBase of onnxruntime_c_api.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    readonly struct ApiBase
    {
        readonly delegate* unmanaged<uint, nint> getApi;

        public readonly delegate* unmanaged<nint> GetVersionString;
    }
}
