using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OnnxTimm.Tests.Repository;

/// <summary>Who may know whom, and which words stay out: as CONTRIBUTING.md says.</summary>
[TestClass]
public sealed class BoundaryTests
{
    /// <summary>Each project and all that it refers to: from the core, which knows nobody, to the program.</summary>
    static readonly Dictionary<string, string[]> References = new()
    {
        { "src/Core/OnnxTimm.Core.csproj",       [] },
        { "src/Graph/OnnxTimm.Graph.csproj",     ["Core"] },
        { "models/OnnxTimm.Models.csproj",       ["Graph"] },
        { "src/Convert/OnnxTimm.Convert.csproj", ["Graph"] },
        { "src/Data/OnnxTimm.Data.csproj",       ["Core"] },
        { "src/Formats/OnnxTimm.Formats.csproj", ["Data"] },
        { "src/Infer/OnnxTimm.Infer.csproj",     ["Core", "Data"] },
        { "src/Edge/OnnxTimm.Edge.csproj",       ["Core", "Data", "Infer"] },
        { "src/Deploy/OnnxTimm.Deploy.csproj",   ["Data", "Graph", "Infer"] },
        { "src/Train/OnnxTimm.Train.csproj",     ["Convert", "Data", "Graph", "Infer"] },
        { "src/Readers/OnnxTimm.Readers.csproj", ["Convert", "Data"] },
        { "src/TrainOptions/OnnxTimm.TrainOptions.csproj", ["Readers", "Train"] },
        { "src/OnnxTimm/OnnxTimm.Library.csproj",
            ["Convert", "Data", "Deploy", "Formats", "Graph", "Infer", "Models", "Train"] },
        { "src/ImageSharp/OnnxTimm.ImageSharp.csproj", ["Data", "Library"] },
        { "src/Package/OnnxTimm.csproj",         ["Library"] },
        { "src/Cli/OnnxTimm.Cli.csproj",
            ["Convert", "Data", "Deploy", "Graph", "Infer", "Library", "Models", "Readers", "Train", "TrainOptions"] },
    };

    /// <summary>Namespaces that are known in a few places only, and what only a program does to its process.</summary>
    static readonly (string Word, string[] Where)[] Known =
    [
        ("OnnxTimm.Onnx.Proto", ["src/Graph/Onnx/"]),
        ("Google.Protobuf", ["src/Graph/Onnx/", "src/Train/TensorBoard/"]),
        ("using SkiaSharp",
            ["src/Formats/", "src/TrainOptions/Pictures.cs", "src/TrainOptions/AugmentationSheet.cs"]),
        ("Microsoft.ML.OnnxRuntime", ["src/Infer/", "src/Train/Cpu/KernelApi.cs"]),
        ("SixLabors", ["src/ImageSharp/"]),
        ("Spectre.Console", ["src/Cli/"]),
        ("using Parquet", ["src/Readers/"]),
        ("ScottPlot", ["src/TrainOptions/Curves.cs"]),
        ("YamlDotNet", ["src/TrainOptions/"]),
        ("using CommandLine;", ["src/Cli/", "src/TrainOptions/"]),
        ("GC.Collect", ["src/Cli/Program.cs"]),
    ];

    /// <summary>
    /// Where nodes come to be. Models, layers and optimizers only call operators; the reader copies a file, a rewrite
    /// copies a graph, and training has operators of its own (src/Train/Step/Fused.cs).
    /// </summary>
    static readonly string[] NodeMakers =
    [
        "src/Graph/Ops/",
        "src/Graph/Onnx/GraphReader.cs",
        "src/Graph/Passes/Rewrite.cs",
        "src/Train/Cpu/",
        "src/Train/Autodiff/",
        "src/Train/Step/Lowering.cs",
    ];

    public static IEnumerable<object[]> Projects => References.Keys.Select(project => new object[] { project });

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void ReferencesPointOneWay(string project)
    {
        var found = XDocument.Parse(Sources.Read(project)).Descendants("ProjectReference")
            .Select(r => r.Attribute("Include")?.Value).OfType<string>().Select(r => r.Split('/', '\\')[^1])
            .Select(file => file["OnnxTimm.".Length..^".csproj".Length]);
        CollectionAssert.AreEquivalent(References[project], found.ToArray());
    }

    [TestMethod]
    public void EveryProjectHasItsRow() => CollectionAssert.AreEquivalent(References.Keys.ToArray(),
        Sources.AllTexts().Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)
            && f.StartsWith('s') | f.StartsWith('m')).ToArray());

    [TestMethod]
    public void NamespacesStayWhereTheyAreKnown() => None(
        from row in Known
        from file in Sources.Code("src", "models")
        where !row.Where.Any(place => file.StartsWith(place, StringComparison.Ordinal))
            && Sources.Read(file).Contains(row.Word)
        select $"{file} knows {row.Word}");

    /// <summary>The loop and its parts are made of parts; which flags these came from, they do not know.</summary>
    [TestMethod]
    public void TheLoopSeesNoFlags() => None(
        from file in Sources.Code("src/Train")
        where Regex.IsMatch(Sources.Read(file), @"\b(TrainOptions|OptionParts|OptionFiles)\b")
        select $"{file} knows the options of the command line");

    /// <summary>Who references the library gets neither flags nor YAML nor plots nor a console.</summary>
    [TestMethod]
    public void NoFlagsBehindTheLibrary() => None(
        from project in Behind("Library").Append("src/ImageSharp/OnnxTimm.ImageSharp.csproj")
        from package in (string[])["CommandLineParser", "YamlDotNet", "ScottPlot", "Spectre.Console", "Parquet.Net"]
        where Sources.Read(project).Contains(package)
        select $"{project} needs {package}");

    /// <summary>
    /// What runs a file on a small machine carries neither the protobuf nor the language of models, nor a library of
    /// image formats.
    /// </summary>
    [TestMethod]
    public void DataAndInferenceKnowNoGraph() => None(
        from project in Behind("Data").Concat(Behind("Infer")).Concat(Behind("Edge"))
        where project.Contains("Graph") || Sources.Read(project).Contains("Google.Protobuf")
            || Sources.Read(project).Contains("Include=\"SkiaSharp")
        select $"{project} is behind Data, Infer or Edge");

    [TestMethod]
    public void OnlyProgramsPrint() => None(
        from file in Sources.Code("src", "models")
        where !file.StartsWith("src/Cli/", StringComparison.Ordinal)
            && !file.StartsWith("src/Edge/", StringComparison.Ordinal)
            && Regex.IsMatch(Sources.Read(file), @"^(?!\s*///).*\bConsole\.(Write|Out|Error)\b", RegexOptions.Multiline)
        select $"{file} prints");

    /// <summary>Commands, their flags, and what prints: all else is the library's.</summary>
    [TestMethod]
    public void TheProgramIsFlagsAndText() => CollectionAssert.AreEquivalent(
        (string[])
        [
            "Program", "ExitCode", "Leaving", "IVerb", "VerbRow", "Arguments", "Assignment", "Words",
            "ArtifactsVerb", "BenchmarkVerb", "ConvertVerb", "DiffVerb", "DoctorVerb", "EmbedVerb", "ExportVerb",
            "InferVerb",
            "InfoVerb", "ListVerb", "QuantizeVerb", "TrainVerb", "ValidateVerb", "VerifyVerb",
            "AverageVerb", "BulkVerb", "CleanVerb", "ResultsVerb",
            "DataArguments", "ModelArguments", "NetworkArguments", "RunArguments",
            "Streams", "LastingWriter", "Printing", "TrainView",
            "ConversionReport", "FeatureFile", "FileFacts", "ResultColumns", "ResultFiles", "ResultRow", "ResultTable",
            "HubCard", "ModelDiff", "ModelFacts", "ModelSide", "PlanText", "RunEnd",
            "Scores", "SizeFields", "SummaryFile", "TargetList",
            "ValidationReport", "ZooTable",
        ],
        typeof(OnnxTimm.Cli.CommandLine.VerbRow).Assembly.GetTypes()
            .Where(t => !t.IsNested && t.Namespace?.StartsWith("OnnxTimm", StringComparison.Ordinal) == true)
            .Select(t => t.Name).ToArray());

    /// <summary>What is tested of the library is tested without the program.</summary>
    [TestMethod]
    public void TestsOfTheLibraryKnowNoProgram() => None(
        from file in Sources.Code("tests/Library")
        where Regex.IsMatch(Sources.Read(file), @"\bOnnxTimm\.Cli\b|\bCli\.(Run|Output|Error)\(")
        select $"{file} knows the program");

    /// <summary>A project and all that it refers to.</summary>
    static IEnumerable<string> Behind(string name) => References.Keys
        .Where(project => project.EndsWith($"OnnxTimm.{name}.csproj", StringComparison.Ordinal))
        .SelectMany(project => References[project].SelectMany(Behind).Prepend(project)).Distinct();

    [TestMethod]
    public void NodesAreMadeInFewPlaces() => None(
        from file in Sources.Code("src", "models")
        where !NodeMakers.Any(place => file.StartsWith(place, StringComparison.Ordinal))
            && Regex.IsMatch(Sources.Read(file), @"\b(Graph|graph|Target)\.Emit\(")
        select $"{file} makes nodes");

    [TestMethod]
    public void ParametersAreDeclaredInLayersAndModels() => None(
        from file in Sources.Code("src")
        where !file.StartsWith("src/Graph/Layers/", StringComparison.Ordinal)
            && Regex.IsMatch(Sources.Read(file), @"\bs(\[[^\]]*\])*\.(Param|Stat)\(")
        select $"{file} declares parameters");

    /// <summary>The repository speaks of itself: a path of somebody's machine helps nobody else.</summary>
    [TestMethod]
    public void NoPathsOfAMachine() => None(
        from file in Sources.AllTexts()
        where file != "tests/Repository/BoundaryTests.cs" && !file.StartsWith("tests/golden/", StringComparison.Ordinal)
        let found = Regex.Match(Sources.Read(file), @"(?<![\w.~}$])/(home|root|work|Users|mnt)/|[A-Z]:\\Users\\")
        where found.Success
        select $"{file} has \"{found.Value}\"");

    /// <summary>Nor does a page that a clone does not have, or how the work was shared out.</summary>
    [TestMethod]
    public void NoWordsFromElsewhere() => None(
        from file in Sources.AllTexts()
        where !file.StartsWith("tests/Repository/", StringComparison.Ordinal)
        let found = Regex.Match(Sources.Read(file),
            @"\b(DESIGN|deploy|style|timm|(?<!/)training)\.md\b|\b(sub-?agents?|worktrees?|helper session|this "
                + @"session|TODO|FIXME)\b")
        where found.Success
        select $"{file} has \"{found.Value}\"");

    static void None(IEnumerable<string> faults)
    {
        var list = faults.ToArray();
        Assert.IsEmpty(list, string.Join("\n", list));
    }
}
