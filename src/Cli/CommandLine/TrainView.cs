using OnnxTimm.Train;
using Spectre.Console;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>A training on the console: lines as timm prints them, and on a terminal a bar below them.</summary>
sealed class TrainView : IProgress<TrainEvent>, IDisposable
{
    readonly Streams streams;
    readonly IAnsiConsole? terminal;
    readonly ManualResetEventSlim done = new();
    readonly Task bar;
    ProgressTask? task;

    TrainView(Streams streams, IAnsiConsole? terminal)
    {
        (this.streams, this.terminal) = (streams, terminal);
        bar = terminal is null ? Task.CompletedTask : Task.Run(() => ShowBar(terminal));
    }

    public static TrainView Open(Streams streams)
    {
        var isTerminal = streams.Error is PlainWriter error && error.WritesTo(Console.Error)
            && !Console.IsErrorRedirected;
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) };
        return new(streams, isTerminal ? AnsiConsole.Create(settings) : null);
    }

    public void Report(TrainEvent value)
    {
        if (value is UpdateEnded { Update: var update })
            Move(update);
        if (value.Line is { } line)
            Tell(line);
        if (value is TrainEnded end)
            streams.Out.WriteLine(end.Summary);
    }

    public void Tell(string text)
    {
        if (terminal is null)
            streams.Error.WriteLine(text);
        else
            terminal.WriteLine(PlainWriter.Plain(text));
    }

    void Move(UpdateInfo update)
    {
        if (this.task is not { } task)
            return;
        task.StartTask();
        task.Description = $"epoch {update.Epoch}";
        (task.MaxValue, task.Value) = (update.Updates, update.Update + 1);
    }

    public void Dispose()
    {
        done.Set();
        bar.Wait();
        done.Dispose();
    }

    /// <summary>A bar that fails is gone; the training that it shows goes on.</summary>
    void ShowBar(IAnsiConsole console)
    {
        try
        {
            Bar(console).Start(context =>
            {
                task = context.AddTask("epoch", autoStart: false);
                done.Wait();
            });
        }
        catch (Exception)
        {
            task = null;
        }
    }

    static Progress Bar(IAnsiConsole console) => console.Progress().AutoClear(true).Columns(
        new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
}
