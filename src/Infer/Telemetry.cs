using System.Runtime.InteropServices;

namespace OnnxTimm.Infer;

/// <summary>
/// ONNX Runtime's official builds write a device's number into the user's cache folder and send events to their maker.
/// Here they do so only where somebody has set the variable to 0.
/// </summary>
static partial class Telemetry
{
    const string Variable = "ORT_DISABLE_TELEMETRY";

    static readonly Lazy<bool> Refusal = new(() =>
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
            return false;
        Environment.SetEnvironmentVariable(Variable, "1");
        // .NET keeps a copy of the environment on Unix; native code reads the process's own.
        return OperatingSystem.IsWindows() || SetEnv(Variable, "1", 0) == 0;
    });

    /// <summary>Whether somebody wants them to.</summary>
    public static bool IsWanted => Environment.GetEnvironmentVariable(Variable) == "0";

    /// <summary>Has to be called before ONNX Runtime's library is loaded; it asks once.</summary>
    public static void Refuse() => _ = Refusal.Value;

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
