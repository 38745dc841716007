using CommandLine;
using OnnxTimm.Cli.CommandLine;

namespace OnnxTimm.Cli.Verbs;

sealed class ResultsVerb : IVerb
{
    [Value(0, MetaName = "table", Required = true, HelpText = "The CSV file of bulk or validate, or one of timm's.")]
    public string Table { get; set; } = "";

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    [Option("against", MetaValue = "FILE", HelpText = "The same networks on other images: columns say how much better "
        + "each is than there, and by how many places.")]
    public string? Against { get; set; }

    [Option("output", Required = true, MetaValue = "FILE", HelpText = "The CSV file to write.")]
    public string Output { get; set; } = "";

    public int Run(Streams streams)
    {
        var (table, other) = (ResultsTable.Read(Table), Against is { } file ? ResultsTable.Read(file) : null);
        streams.Out.WriteLine($"{Output}: {Amount.Of(table.Write(Output, other), "row")}");
        return ExitCode.Ok;
    }
}
