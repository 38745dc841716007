using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// The same work in Python: a script that says "ready", then answers each line it reads with one of its own. The
/// interpreter is that of the variable PYTHON, else /usr/bin/python3.
/// </summary>
sealed class Peer : IDisposable
{
    readonly Process process;
    string error = "it said nothing";

    Peer(Process process)
    {
        this.process = process;
        // Nobody but this reads it, and a full pipe stops who writes.
        process.ErrorDataReceived += (_, e) => error = string.IsNullOrWhiteSpace(e.Data) ? error : e.Data;
        process.BeginErrorReadLine();
    }

    static string Python => Environment.GetEnvironmentVariable("PYTHON") ?? "/usr/bin/python3";

    /// <summary>
    /// Starts a script that lies beside the program; null, with a line that says why, where there is no Python or not
    /// what it imports.
    /// </summary>
    public static Peer? Start(string script, params string[] arguments)
    {
        var info = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            var peer = new Peer(Process.Start(info)!);
            if (peer.process.StandardOutput.ReadLine()?.StartsWith("ready", StringComparison.Ordinal) == true)
                return peer;
            peer.process.WaitForExit();
            Console.WriteLine($"No peer, {Python} cannot run {script}: {peer.error}");
            peer.Dispose();
        }
        catch (Win32Exception e)
        {
            Console.WriteLine($"No peer, {Python} cannot be started (the variable PYTHON names another): {e.Message}");
        }
        return null;
    }

    /// <summary>Lets it work once, and gives its answer.</summary>
    public string Answer()
    {
        process.StandardInput.WriteLine();
        if (process.StandardOutput.ReadLine() is { } line)
            return line;
        process.WaitForExit();
        throw new UserException($"The peer in {Python} failed: {error}");
    }

    public double Next() => double.Parse(Answer(), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
