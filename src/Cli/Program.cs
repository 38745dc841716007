using System.Text;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli;

static class Program
{
    /// <summary>Set to 1 in the environment, it adds the stack trace to the message of whatever goes wrong.</summary>
    const string TraceVariable = "ONNXTIMM_TRACE";

    static int Main(string[] args)
    {
        Copies.Dropped = GC.Collect;
        Console.SetError(new LastingWriter(StandardError));
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 1 << 14);
        return Run(args, new(new PlainWriter(output), new PlainWriter(Console.Error)));
    }

    static StreamWriter StandardError() => new(Console.OpenStandardError(),
        Console.OutputEncoding is UTF8Encoding ? new UTF8Encoding(false) : Console.OutputEncoding)
    {
        AutoFlush = true,
    };

    /// <summary>
    /// Runs one command; what goes wrong for the user is one message and a code, never a stack trace.
    /// </summary>
    internal static int Run(string[] args, Streams streams)
    {
        try
        {
            var verb = Arguments.Parse(args, streams);
            using var leaving = verb is { Stops: false } ? new Leaving() : null;
            var code = verb?.Run(streams) ?? ExitCode.Ok;
            streams.Out.Flush();
            return code;
        }
        catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException)
        {
            return Failed(streams, e, e.Message);
        }
        catch (OutOfMemoryException e)
        {
            return Failed(streams, e, "There is not enough memory for this: a smaller batch or image takes less.");
        }
        catch (Exception e)
        {
            return Failed(streams, e, $"This should not happen: {e.GetType().Name}: {e.Message} "
                + $"Please report it with what {TraceVariable}=1 prints.");
        }
    }

    static int Failed(Streams streams, Exception e, string message)
    {
        streams.Error.WriteLine($"onnxtimm: {message.ReplaceLineEndings(" ")}");
        if (Environment.GetEnvironmentVariable(TraceVariable) == "1")
            streams.Error.WriteLine(e);
        return ExitCode.Failed;
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
