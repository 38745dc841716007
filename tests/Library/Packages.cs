using System.Diagnostics;

namespace OnnxTimm.Tests.Library;

/// <summary>The packages as build.sh packs them, under a version that no cache has, and a folder that uses them.</summary>
sealed class Packages : IDisposable
{
    readonly TempFolder folder = new();

    readonly string version = $"0.0.{Environment.ProcessId}-test.{Stopwatch.GetTimestamp()}";

    public Packages(params string[] projects)
    {
        foreach (var project in projects)
            Dotnet("pack", Path.Combine(Paths.Root, "src", project), "-c", "Release", "-v", "quiet", "-p:Packing=true",
                "--artifacts-path", Path.Combine(Paths.Root, "artifacts", "pack"), "-o", folder["packages"],
                $"-p:Version={version}", "-nr:false", "-p:UseSharedCompilation=false");
        File.WriteAllText(folder["nuget.config"],
            "<configuration><packageSources><add key=\"local\" value=\"packages\" /></packageSources></configuration>");
    }

    public string this[string file] => folder[file];

    public string Version => version;

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
            Dotnet("add", "package", package, "--version", version);
    }

    /// <summary>Runs dotnet in the folder and gives what it prints.</summary>
    public string Dotnet(params string[] arguments) => Run("dotnet", arguments);

    public string Run(string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder["."],
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

    /// <summary>The cache of packages keeps what it has once seen.</summary>
    public void Dispose()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in Directory.GetDirectories(cache, "onnxtimm*"))
            if (Directory.Exists(Path.Combine(package, version)))
                Directory.Delete(Path.Combine(package, version), recursive: true);
        folder.Dispose();
    }
}
