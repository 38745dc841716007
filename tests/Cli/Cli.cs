using OnnxTimm.Cli;

namespace OnnxTimm.Tests.Cli;

/// <summary>Runs the program inside the test, as a user would from a shell.</summary>
static class Cli
{
    public static (int Code, string Out, string Error) Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (Program.Run(args, new(output, error)), output.ToString(), error.ToString());
    }

    /// <summary>The output of a command that must succeed.</summary>
    public static string Output(params string[] args)
    {
        var (code, output, error) = Run(args);
        Assert.AreEqual(0, code, error);
        return output;
    }

    /// <summary>The one line of a command that must fail.</summary>
    public static string Error(params string[] args)
    {
        var (code, _, error) = Run(args);
        Assert.AreEqual(1, code);
        Assert.AreEqual(1, error.TrimEnd('\n').Split('\n').Length, $"One message, but: {error}");
        return error;
    }
}
