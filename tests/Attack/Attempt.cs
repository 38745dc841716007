namespace OnnxTimm.Tests.Attacks;

/// <summary>A command inside the test that may fail, but only with a message of its own.</summary>
static class Attempt
{
    /// <summary>Runs it and gives its exit code.</summary>
    public static int Run(params string[] args)
    {
        var (code, _, error) = Cli.Cli.Run(args);
        var line = string.Join(' ', args);
        Assert.IsTrue(code is 0 or 1 or 2, $"{line}: exit code {code}");
        Assert.DoesNotContain("   at OnnxTimm", error, line);
        Assert.DoesNotContain("This should not happen", error, line);
        Assert.IsTrue(code != 1 || error.TrimEnd().Split('\n')[^1].StartsWith("onnxtimm: ", StringComparison.Ordinal),
            $"{line}: no message, but {error}");
        return code;
    }
}
