using System.Diagnostics;
using System.Xml.Linq;

namespace OnnxTimm.Tests.Repository;

/// <summary>What a build takes along, and what it leaves alone.</summary>
[TestClass]
public sealed class BuildTests
{
    /// <summary>Natives of one machine, without ONNX Runtime's build files: said in one place for all.</summary>
    [TestMethod]
    public void ProgramsTakeTheirNativesFromOnePlace()
    {
        var projects = Sources.AllTexts().Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)
            && !f.StartsWith("docs/", StringComparison.Ordinal)).Select(f => (f, XDocument.Parse(Sources.Read(f))));
        foreach (var (file, project) in projects)
        {
            var runs = project.Descendants("OutputType").Any(t => t.Value == "Exe")
                || project.Descendants("IsTestProject").Any();
            var imports = project.Descendants("Import").Any(i =>
                i.Attribute("Project")!.Value.EndsWith("Natives.props", StringComparison.Ordinal));
            Assert.AreEqual(runs, imports, file);
            Assert.IsEmpty(project.Descendants("RuntimeIdentifier"), file);
            Assert.DoesNotContain("OrtPackage", project.ToString(), file);
        }
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void NoLibraryOfWindowsLiesBesideAProgramForLinux() =>
        Assert.IsEmpty(Directory.GetFiles(AppContext.BaseDirectory, "onnxruntime*.dll", SearchOption.AllDirectories));

    /// <summary>The lock files of the working tree belong to the plain build: no other one writes them.</summary>
    [TestMethod]
    [DataRow("src/Cli", "-p:RuntimeIdentifier=win-x64")]
    [DataRow("src/Infer", "-p:RuntimeIdentifier=linux-x64")]
    [DataRow("src/Cli", "-p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux")]
    public void OtherBuildsLockTheirPackagesElsewhere(string project, string option)
    {
        var path = LockFile(project, option);
        Assert.Contains("artifacts", path);
        Assert.AreNotEqual(path, LockFile(project));
    }

    /// <summary>Without it the compiler of the program for controllers takes SSE2, which doubles the time of images.
    /// </summary>
    [TestMethod]
    [DataRow("linux-x64", "x86-64-v2")]
    [DataRow("linux-arm64", "")]
    public void TheProgramForControllersIsCompiledForItsProcessors(string rid, string instructions) =>
        Assert.AreEqual(instructions, Property("src/Edge", "IlcInstructionSet", $"-p:RuntimeIdentifier={rid}"));

    static string LockFile(string project, params string[] options) => Property(project, "NuGetLockFilePath", options);

    static string Property(string project, string name, params string[] options)
    {
        var info = new ProcessStartInfo("dotnet",
            ["msbuild", Path.Combine(Paths.Root, project), $"-getProperty:{name}", .. options])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info)!;
        return process.StandardOutput.ReadToEnd().Trim();
    }
}
