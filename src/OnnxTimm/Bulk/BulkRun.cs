using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace OnnxTimm;

/// <summary>
/// Runs a command for many networks, each in a process of its own, so that one that fails or takes all memory does not
/// end the others (bulk_runner.py of timm).
/// </summary>
public sealed class BulkRun
{
    /// <summary>What stands before the result on a command's standard output.</summary>
    const string Mark = "--result";

    /// <summary>The program and its first words.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Takes the results.</summary>
    public required BulkTable Table { get; init; }

    /// <summary>Rest between two networks.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Takes what the processes say.</summary>
    public Action<string> Log { get; init; } = _ => { };

    /// <summary>Runs those networks that have no row yet.</summary>
    /// <param name="models">The networks.</param>
    /// <param name="cancel">Ends the process that runs, and starts no other.</param>
    /// <returns>What went wrong, by network.</returns>
    /// <exception cref="UserException">The program cannot be started, or the table not be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the rows so far are written.</exception>
    public async Task<IReadOnlyList<(BulkModel Model, string Fault)>> RunAsync(
        IReadOnlyList<BulkModel> models, CancellationToken cancel = default)
    {
        Table.Check();
        var faults = new List<(BulkModel, string)>();
        var left = models.Where(model => !Table.Has(model)).ToArray();
        foreach (var (i, model) in left.Index())
        {
            Log($"[{i + 1}/{left.Length}] {string.Join(' ', model.Words.Skip(1))}");
            if (await RunAsync(model, cancel).ConfigureAwait(false) is { } fault)
                faults.Add((model, fault));
            if (i + 1 < left.Length)
                await Task.Delay(Delay, cancel).ConfigureAwait(false);
        }
        return faults;
    }

    /// <summary>Runs one; gives what went wrong, or null.</summary>
    async Task<string?> RunAsync(BulkModel model, CancellationToken cancel)
    {
        using var process = Start(model);
        using var end = cancel.Register(() => process.Kill(entireProcessTree: true));
        var last = "";
        var messages = Task.Run(() =>
        {
            while (process.StandardError.ReadLine() is { } line)
                Log(last = line);
        }, CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None).ConfigureAwait(false);
        await messages.ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        var at = output.LastIndexOf(Mark, StringComparison.Ordinal);
        if (at < 0)
            return $"exit code {process.ExitCode}: {(last.Length > 0 ? last : "it said nothing")}";
        try
        {
            using var result = JsonDocument.Parse(output[(at + Mark.Length)..]);
            Table.Add(result.RootElement);
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"what it gave as its result cannot be read: {e.Message}";
        }
    }

    Process Start(BulkModel model)
    {
        var start = new ProcessStartInfo(Command[0], [.. Command.Skip(1), .. model.Words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new UserException($"\"{Command[0]}\" cannot be started: {e.Message}", e);
        }
    }
}
