using System.Text.RegularExpressions;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Conversion;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Verbs;

sealed class ConvertVerb : NetworkArguments, IVerb
{
    [Value(0, MetaName = "file", Required = true, HelpText = "Weights: a file of PyTorch, safetensors, MXNet "
        + "(.params), Flax (msgpack), NumPy (.npz), ONNX Runtime Training or ONNX, or a folder that "
        + "holds model.safetensors or checkpoints of Flax or of ONNX Runtime Training.")]
    public string Input { get; set; } = "";

    [Option("format", Default = "auto", MetaValue = "FORMAT",
        HelpText = "Refuses a file of another kind than this: "
        + "auto (any), pytorch, safetensors, mxnet, flax, npz, ort or onnx.")]
    public string Format { get; set; } = "";

    [Option('m', "model", MetaValue = "MODEL", HelpText = "The model that the weights belong to. Without it, and "
        + "without --symbol, a .safetensors file gets the names of the source.")]
    public override string Model { get; set; } = "";

    [Option("symbol", MetaValue = "FILE", HelpText = "The network itself, as MXNet's -symbol.json.")]
    public string? Symbol { get; set; }

    [Option("output", Required = true, MetaValue = "FILE", HelpText = "The .onnx or .safetensors file to write.")]
    public string Output { get; set; } = "";

    [Option("report", MetaValue = "FILE", HelpText = "Writes as JSON what became of each tensor, with hashes of both "
        + "sides.")]
    public string? Report { get; set; }

    [Option("allow-missing", MetaValue = "NAME", HelpText = "Names of the model, with * for any text, that the file "
        + "may lack.")]
    public IEnumerable<string> AllowMissing { get; set; } = [];

    [Option("allow-unexpected", MetaValue = "NAME", HelpText = "Names of the file, with * for any text, that the "
        + "model may lack.")]
    public IEnumerable<string> AllowUnexpected { get; set; } = [];

    [Option("card", HelpText = "Writes a README.md beside the file, as the hub shows it.")]
    public bool Card { get; set; }

    [Option("no-fold", HelpText = "Writes an .onnx file as the network is trained, with its batch norms.")]
    public bool NoFold { get; set; }

    bool ToOnnx => Path.GetExtension(Output).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    ExportOptions Options => new() { Fold = !NoFold };

    public int Run(Streams streams)
    {
        Check();
        if (Model.Length > 0)
            Fill(streams);
        else
        {
            using var file = OpenFile();
            var hash = ModelLoader.Hash(file);
            if (Symbol is not null)
                Build(file, Symbol, hash, streams);
            else
                WriteTensors([.. file], "", file, hash, streams.Out);
            Save(file, Symbol ?? "", hash, LoadResult.Of(file));
        }
        return ExitCode.Ok;
    }

    protected override ModelRequest Request() => base.Request() with
    {
        Checkpoint = Input,
        Adapts = NumClasses is not null,
        AllowMissing = [.. AllowMissing],
        AllowUnexpected = [.. AllowUnexpected],
    };

    void Check()
    {
        if (!ToOnnx && !Path.GetExtension(Output).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new UserException($"\"{Output}\" is neither an .onnx nor a .safetensors file.");
        if (Model.Length > 0 && Symbol is not null)
            throw new UserException("Either --model or --symbol says what network it is, not both.");
        if (ToOnnx && Model.Length == 0 && Symbol is null)
            throw new UserException("An .onnx file needs a network: --model NAME, or --symbol FILE for one of "
                + "MXNet's.");
        if (!ToOnnx && Symbol is not null)
            throw new UserException($"A network of --symbol becomes an .onnx file, not \"{Output}\".");
        CheckUse();
        if (Card)
            HubCard.CheckPlace(Output);
        string[] formats = ["auto", .. Enum.GetNames<CheckpointFormat>().Select(name => name.ToLowerInvariant())];
        if (!formats.Contains(Format))
            throw Nearest.Unknown("format", Format, formats);
    }

    /// <summary>A flag that would do nothing is a mistake.</summary>
    void CheckUse()
    {
        (string Flag, bool IsGiven, bool IsUsed)[] flags =
        [
            ("--num-classes", NumClasses is not null, Model.Length > 0),
            ("--in-chans", InChans is not null, Model.Length > 0 || Symbol is not null),
            ("--img-size", ImgSize is not null, Model.Length > 0 || Symbol is not null),
            ("--allow-missing", AllowMissing.Any(), Model.Length > 0),
            ("--allow-unexpected", AllowUnexpected.Any(), Model.Length > 0),
            ("--card", Card, Model.Length > 0),
            ("--no-fold", NoFold, ToOnnx),
        ];
        foreach (var (flag, _, _) in flags.Where(flag => flag.IsGiven && !flag.IsUsed))
            throw new UserException($"{flag} does nothing here: it needs "
                + (flag == "--no-fold" ? "an .onnx file as --output." : "a network, by --model NAME."));
    }

    StateDict OpenFile()
    {
        var file = ModelLoader.Open(Input, Ema);
        var format = ModelLoader.FormatOf(file);
        // MXNet 2 writes its parameters as NumPy does
        if (Format == "auto" || Format == format || (Format, file.Format) == ("mxnet", CheckpointFormat.Npz))
            return file;
        file.Dispose();
        throw new UserException($"\"{Input}\" is a file of {format}, not of {Format}.");
    }

    /// <summary>Weights for a model of the zoo.</summary>
    void Fill(Streams streams)
    {
        if (Format != "auto")
            OpenFile().Dispose();
        using var loaded = ModelLoader.Load(Request());
        var (graph, result, card) = (loaded.Model.Graph, loaded.Result!, loaded.Card);
        var (file, name, hash) = (loaded.File!, card.Architecture, loaded.Hash()!);
        Tell(result, name, streams.Error);
        loaded.Tell(streams.Error);
        if (ToOnnx)
            Exporter.Write(graph, card.ToMetadata(), Output, Options, hash).Tell(streams);
        else
            WriteTensors(
                [.. graph.Weights.Select(w =>
                    KeyValuePair.Create(w.Name, result.Tensors.GetValueOrDefault(w.Name) ?? w.Data!))],
                name, file, hash, streams.Out);
        Save(file, name, hash, result);
        if (Card)
            new HubCard(loaded.Model, card, Output).Save(streams.Out);
    }

    /// <summary>A network of MXNet's, which need not be in the zoo.</summary>
    void Build(StateDict file, string path, LateFact hash, Streams streams)
    {
        var symbol = SymbolImport.Read(path);
        var input = symbol.Input(file);
        var channels = InChans ?? input.Channels ?? 3;
        var (height, width) = ImgSize is { } side ? (side, side) : input.Size ?? throw new UserException(
            $"\"{path}\" does not say how large an image is: give --img-size.");
        var graph = symbol.ToGraph(file, channels, height, width);
        Exporter.Write(graph, Origin(file), Output, Options, hash).Tell(streams);
    }

    static IReadOnlyDictionary<string, string> Origin(StateDict file) =>
        ModelCard.Provenance(ModelLoader.FormatOf(file));

    void WriteTensors(KeyValuePair<string, Tensor>[] tensors, string architecture, StateDict file, LateFact hash,
        TextWriter output)
    {
        SafetensorsWriter.Write(WriteBeside.Target(Output), tensors,
            new Dictionary<string, string>(Origin(file)) { ["architecture"] = architecture }, hash);
        output.WriteLine($"{Output}: {Amount.Of(tensors.Length, "tensor")}, {new FileInfo(Output).Length / 1e6:F1} MB");
    }

    void Save(StateDict file, string model, LateFact hash, LoadResult result)
    {
        if (Report is { } path)
            new ConversionReport(file, [("file", file.Source), ("model", model), ("names", result.Renamed.Table.Origin),
                .. Origin(file).Select(fact => (fact.Key, fact.Value)), (hash.Key, hash.Value.Result)], result)
                .Save(path);
    }

    static void Tell(LoadResult result, string architecture, TextWriter messages)
    {
        foreach (var group in result.Renamed.Skipped.GroupBy(skipped => skipped.Reason))
            messages.WriteLine($"onnxtimm: left out: {Amount.Of(group.Count(), "tensor")} {group.Key}");
        foreach (var note in result.Renamed.Table.Notes.Where(note => Regex.IsMatch(architecture, note.Architecture)))
            messages.WriteLine($"onnxtimm: {note.Text}");
    }
}
