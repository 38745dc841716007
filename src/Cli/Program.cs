using System.Text;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli;

static class Program
{
    static int Main(string[] args)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 1 << 14);
        return Run(args, new(new PlainWriter(output), new PlainWriter(Console.Error)));
    }

    /// <summary>
    /// Runs one command; what goes wrong for the user is one message and a code, never a stack trace.
    /// </summary>
    internal static int Run(string[] args, Streams streams)
    {
        try
        {
            var code = Arguments.Parse(args, streams)?.Run(streams) ?? ExitCode.Ok;
            streams.Out.Flush();
            return code;
        }
        catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException)
        {
            streams.Error.WriteLine($"onnxtimm: {e.Message}");
            return ExitCode.Failed;
        }
    }
}

/// <summary>What the program returns to its caller.</summary>
static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Nothing was done; the message says why.</summary>
    public const int Failed = 1;

    /// <summary>All was done but for what could not be read, which is named.</summary>
    public const int Partial = 2;

    /// <summary>The user stopped it, and what was done is kept.</summary>
    public const int Stopped = 130;
}
