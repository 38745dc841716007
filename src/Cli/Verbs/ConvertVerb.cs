using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Loading;
using OnnxTimm.Conversion;

namespace OnnxTimm.Cli.Verbs;

sealed class ConvertVerb : ModelArguments, IVerb
{
    [Value(0, MetaName = "file", Required = true, HelpText = "Weights: a PyTorch or safetensors file.")]
    public string Input { get; set; } = "";

    [Option('m', "model", Required = true, MetaValue = "MODEL", HelpText = "The model that the weights belong to.")]
    public override string Model { get; set; } = "";

    [Option("output", Required = true, MetaValue = "FILE", HelpText = "The .onnx or .safetensors file to write.")]
    public string Output { get; set; } = "";

    [Option("no-fold", HelpText = "Writes an .onnx file as the network is trained, with its batch norms.")]
    public bool NoFold { get; set; }

    public int Run(Streams streams)
    {
        var extension = Path.GetExtension(Output).ToLowerInvariant();
        if (extension is not (".onnx" or ".safetensors"))
            throw new UserException($"\"{Output}\" is neither an .onnx nor a .safetensors file.");
        if (Checkpoint is not null || Pretrained)
            throw new UserException(
                $"convert takes its weights from \"{Input}\": leave out --checkpoint and --pretrained.");
        using var loaded = ModelLoader.Load(Request() with { Checkpoint = Input });
        if (extension == ".onnx")
            Exporter.Write(loaded.Model.Graph, loaded.Card, Output, fold: !NoFold, streams);
        else
            WriteTensors(loaded, streams.Out);
        return ExitCode.Ok;
    }

    void WriteTensors(LoadedModel loaded, TextWriter output)
    {
        KeyValuePair<string, Tensor>[] tensors =
            [.. loaded.Model.Graph.Weights.Select(w =>
                KeyValuePair.Create(w.Name, loaded.Tensors.GetValueOrDefault(w.Name) ?? w.Data!))];
        SafetensorsWriter.Write(Output, tensors, new Dictionary<string, string>
        {
            { "architecture", loaded.Card.Architecture },
            { "source_sha256", loaded.Card.Source },
        });
        output.WriteLine($"{Output}: {tensors.Length} tensors of {loaded.Card.Architecture}, "
            + $"{new FileInfo(Output).Length / 1e6:F1} MB");
    }
}
