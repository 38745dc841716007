using OnnxTimm.Cli.Verbs;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>A row of the table of commands.</summary>
/// <param name="Name">What the user types first.</param>
/// <param name="Purpose">One line of help.</param>
/// <param name="Parse">Reads the flags that follow.</param>
sealed record VerbRow(string Name, string Purpose, Func<VerbRow, string[], Streams, IVerb?> Parse)
{
    /// <summary>All commands: a new one is a row here and a file in Verbs/.</summary>
    public static readonly VerbRow[] All =
    [
        new("list", "Lists the models, or those whose names match a wildcard.", ListVerb.Parse),
        new("info", "Shows a model's parameters, cost, input and head, or what an .onnx file holds.",
            Arguments.Of<InfoVerb>),
        new("diff", "Shows what differs between two models, .onnx files or checkpoints.", Arguments.Of<DiffVerb>),
        new("export", "Writes a model as an .onnx file.", ExportVerb.Parse),
        new("verify", "Checks that an .onnx file is as it was exported, or gives what another gives.",
            Arguments.Of<VerifyVerb>),
        new("quantize", "Writes a model with 8-bit or 4-bit numbers.", Arguments.Of<QuantizeVerb>),
        new("infer", "Classifies images.", Arguments.Of<InferVerb>),
        new("embed", "Gives the features of images, for search and clustering.", Arguments.Of<EmbedVerb>),
        new("validate", "Measures a model's accuracy on images with known classes.", Arguments.Of<ValidateVerb>),
        new("train", "Trains a model on images with known classes.", TrainVerb.Parse),
        new("artifacts", "Writes what ONNX Runtime's on-device training trains a model with.",
            Arguments.Of<ArtifactsVerb>),
        new("benchmark", "Measures a model's speed.", Arguments.Of<BenchmarkVerb>),
        new("doctor", "Shows what this machine has to run networks with, and why a device cannot be used.",
            Arguments.Of<DoctorVerb>),
        new("convert", "Brings weights of another program into timm's names, as .safetensors or .onnx.",
            Arguments.Of<ConvertVerb>),
        new("average", "Writes the mean of the best checkpoints of a training.", Arguments.Of<AverageVerb>),
        new("bulk", "Validates or measures many networks, each in a process of its own.", BulkVerb.Parse),
        new("results", "Writes accuracies as timm publishes them, compared with another table.",
            Arguments.Of<ResultsVerb>),
        new("clean", "Writes the weights of a checkpoint alone.", Arguments.Of<CleanVerb>),
    ];
}
