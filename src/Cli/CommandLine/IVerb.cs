namespace OnnxTimm.Cli.CommandLine;

/// <summary>A command: its properties are its flags, filled by the parser.</summary>
interface IVerb
{
    /// <summary>Words that no flag takes.</summary>
    IEnumerable<string> Surplus { get; }

    /// <summary>Whether it stops by itself, with all that it has, when the system asks the program to end.</summary>
    bool Stops => false;

    /// <summary>Does the work and returns an <see cref="ExitCode"/>.</summary>
    /// <exception cref="UserException">What the user gave cannot be used.</exception>
    int Run(Streams streams);
}
