using System.Text;
using OnnxTimm.Infer;

namespace OnnxTimm.Edge;

static class Program
{
    const int Ok = 0, Failed = 1, WrongUsage = 2, Stopped = 130;

    static int Main(string[] args)
    {
        var stages = new Stages(Environment.CpuUsage.TotalTime);
        using var errors = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
        using var output = Console.OpenStandardOutput();
        return Start(args, Console.OpenStandardInput(), output, new PlainWriter(errors), stages);
    }

    /// <summary>The program between its streams: a message and a code, never a stack trace.</summary>
    internal static int Start(string[] args, Stream input, Stream output, TextWriter messages, Stages stages)
    {
        try
        {
            var settings = Flags.Parse(args);
            if (settings.Help || settings.Version)
            {
                output.Write(Encoding.UTF8.GetBytes(settings.Help ? Flags.Help()
                    : $"onnxtimm-run {typeof(Program).Assembly.GetName().Version?.ToString(3)}\n"));
                return Ok;
            }
            Prepare(settings);
            stages.Once("library");
            return Work(settings, input, output, messages, stages);
        }
        catch (Exception e)
        {
            messages.WriteLine($"onnxtimm-run: {Message(e)}");
            return e is UsageException ? WrongUsage : Failed;
        }
    }

    static void Prepare(Settings settings)
    {
        NativeHeap.Prepare();
        if (settings.MaxMemory is { } megabytes)
            MemoryLimit.Set(megabytes);
        if (settings.Runtime is not null || RuntimeLibrary.IsApart)
            RuntimeLibrary.Load(settings.Runtime ?? AppContext.BaseDirectory);
    }

    static int Work(Settings settings, Stream input, Stream output, TextWriter messages, Stages stages)
    {
        using var interrupt = new Interrupt();
        using var run = new Run(settings, output, messages, stages);
        using var leaving = interrupt.Token.Register(() =>
        {
            if (run.IsWaiting)
                Environment.Exit(Stopped);
        });
        try
        {
            return run.All(input, interrupt.Token) == 0 ? Ok : Failed;
        }
        catch (OperationCanceledException)
        {
            return Stopped;
        }
        finally
        {
            foreach (var text in settings.Timing ? stages.Describe() : [])
                messages.WriteLine(text);
        }
    }

    static string Message(Exception e) => e switch
    {
        UsageException or UserException or IOException or UnauthorizedAccessException => e.Message,
        OutOfMemoryException => "There is not enough memory for this.",
        _ => $"This should not happen: {e.GetType().Name}: {e.Message} Please report it.",
    };
}
