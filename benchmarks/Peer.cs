using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// The same work in Python: a script that says "ready", then answers each line it reads with a number. The interpreter
/// is that of the variable PYTHON, else /usr/bin/python3.
/// </summary>
sealed class Peer(Process process) : IDisposable
{
    /// <summary>
    /// Starts a script that lies beside the program; null where there is no Python or not what it imports.
    /// </summary>
    public static Peer? Start(string script, params string[] arguments)
    {
        var python = Environment.GetEnvironmentVariable("PYTHON") ?? "/usr/bin/python3";
        var info = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            var process = Process.Start(info)!;
            return process.StandardOutput.ReadLine()?.StartsWith("ready", StringComparison.Ordinal) == true
                ? new(process) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public double Next()
    {
        process.StandardInput.WriteLine();
        return double.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
