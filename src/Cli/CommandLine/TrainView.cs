using OnnxTimm.Train;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>A training on the console: lines as timm prints them, and on a terminal a bar below them.</summary>
sealed class TrainView : IProgress<TrainEvent>, IDisposable
{
    readonly Streams streams;
    readonly IAnsiConsole? terminal;
    readonly ManualResetEventSlim done = new();
    readonly Task bar;
    ProgressTask? task;
    string? summary;

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
        if (value is EpochsEnded end)
            summary = end.Summary;
    }

    /// <summary>The bar is gone, and the summary stands on standard output; what is told now comes behind it.</summary>
    public void End()
    {
        done.Set();
        bar.Wait();
        if (summary is null)
            return;
        streams.Out.WriteLine(summary);
        streams.Out.Flush();
        summary = null;
    }

    public void Tell(string text)
    {
        if (terminal is null)
            streams.Error.WriteLine(text);
        else
            terminal.Write(new Line(PlainWriter.Plain(text)));
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
        End();
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

    /// <summary>A line that is not broken where the window ends: a command in it can be copied.</summary>
    sealed class Line(string text) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => [new(text), Segment.LineBreak];
    }
}
