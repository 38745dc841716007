using System.Diagnostics;

namespace OnnxTimm.Tests.Library;

/// <summary>
/// A folder that uses the packages as build.sh packs them, once for all tests, under a version that no cache has.
/// </summary>
sealed class Packages : IDisposable
{
    static readonly TempFolder Packed = new();

    static readonly Lazy<string> Sources = new(Pack);

    readonly TempFolder folder = new();

    public Packages() => File.WriteAllText(folder["nuget.config"], $"""
        <configuration><packageSources><add key="local" value="{Sources.Value}" /></packageSources></configuration>
        """);

    public static string Version { get; } = $"0.0.{Environment.ProcessId}-test.{Stopwatch.GetTimestamp()}";

    public string this[string file] => folder[file];

    /// <summary>A file among the packages.</summary>
    public static string Path(string file = "") => System.IO.Path.Combine(Sources.Value, file);

    /// <summary>The cache of packages keeps what it has once seen.</summary>
    public static void Clean()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in Directory.GetDirectories(cache, "onnxtimm*"))
            if (Directory.Exists(System.IO.Path.Combine(package, Version)))
                Directory.Delete(System.IO.Path.Combine(package, Version), recursive: true);
        Packed.Dispose();
    }

    /// <summary>A project outside of the repository with some of the packages.</summary>
    public void Project(string code, string properties, params string[] packages)
    {
        File.WriteAllText(folder["Program.cs"], code);
        File.WriteAllText(folder["Program.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" Condition="'$(PublishAot)' != 'true'" />
              </ItemGroup>
            </Project>
            """);
        foreach (var package in packages)
            Dotnet("add", "package", package, "--version", Version);
    }

    /// <summary>Runs dotnet in the folder and gives what it prints.</summary>
    public string Dotnet(params string[] arguments) => Run("dotnet", arguments);

    public string Run(string program, string[] arguments, params (string Name, string Value)[] variables) =>
        Run(folder["."], program, arguments, variables);

    static string Run(
        string place, string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = place,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"{program} {string.Join(' ', arguments)}\n{output}"
            + error.GetAwaiter().GetResult());
        return output;
    }

    public void Dispose() => folder.Dispose();

    static string Pack()
    {
        foreach (var project in (string[])["OnnxTimm", "Package", "ImageSharp", "Cli"])
            Run(Paths.Root, "dotnet", ["pack", $"src/{project}", "-c", "Release", "-v", "quiet", "-p:Packing=true",
                "--artifacts-path", "artifacts/pack", "-o", Packed["packages"], $"-p:Version={Version}", "-nr:false",
                "-p:UseSharedCompilation=false"]);
        return Packed["packages"];
    }
}
