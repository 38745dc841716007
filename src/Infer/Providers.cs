using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>What ONNX Runtime can run networks on, beside the processor.</summary>
public static class Providers
{
    /// <summary>The release of the runtime, such as "1.31.1".</summary>
    public static string Release
    {
        get
        {
            Telemetry.Refuse();
            return Session.Guard("ONNX Runtime", () => OrtEnv.Instance().GetVersionString());
        }
    }

    /// <summary>
    /// Names of those that were compiled into the library, such as "CUDAExecutionProvider": whether one can be used
    /// depends on what it needs of the machine.
    /// </summary>
    public static IReadOnlyList<string> Compiled
    {
        get
        {
            Telemetry.Refuse();
            return Session.Guard("ONNX Runtime", () => OrtEnv.Instance().GetAvailableProviders());
        }
    }

    /// <summary>Whether the runtime tells its maker that it is used, since the environment asks for it.</summary>
    public static bool Tells => Telemetry.IsWanted;

    /// <summary>Why a device cannot be used: one line, with the library that is missing; null where it can.</summary>
    public static string? Fault(Device device)
    {
        try
        {
            new RuntimeOptions { Device = device }.ToOrt().Dispose();
            return null;
        }
        catch (UserException e)
        {
            return e.Message;
        }
    }

    /// <summary>Adds what a device needs to the options of a session.</summary>
    /// <exception cref="UserException">The device cannot be used.</exception>
    internal static void Append(SessionOptions options, Device device)
    {
        if (device.Cuda is not { } number)
            return;
        try
        {
            options.AppendExecutionProvider_CUDA(number);
            // Part of a network on the processor would be slow without a word; shapes are computed there all the same.
            options.AppendExecutionProvider_CPU();
        }
        catch (EntryPointNotFoundException e)
        {
            throw new UserException("CUDA is not in this build of ONNX Runtime. Build the program with "
                + "-p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux to have it.", e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new UserException($"{device} cannot be used: {e.Message.ReplaceLineEndings(" ").Trim()}", e);
        }
    }
}
