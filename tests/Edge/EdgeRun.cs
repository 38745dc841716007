using System.Text;
using OnnxTimm.Edge;

namespace OnnxTimm.Tests.Edge;

/// <summary>Runs onnxtimm-run inside the test.</summary>
static class EdgeRun
{
    public static (int Code, string Out, string Error) Run(params string[] args) => Run([], args);

    public static (int Code, string Out, string Error) Run(byte[] input, params string[] args)
    {
        var (output, error) = (new MemoryStream(), new StringWriter());
        var code = OnnxTimm.Edge.Program.Start(args, new MemoryStream(input), output, error, new Stages(default));
        return (code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    /// <summary>The answers of a command that must succeed.</summary>
    public static string[] Lines(params string[] args) => Lines([], args);

    public static string[] Lines(byte[] input, params string[] args)
    {
        var (code, output, error) = Run(input, args);
        Assert.AreEqual(0, code, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
