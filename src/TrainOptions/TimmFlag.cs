using System.Collections;
using System.Globalization;

namespace OnnxTimm.Train;

/// <summary>A flag of timm's scripts that does not do here what it does there.</summary>
/// <param name="Verbs">The commands that take the place of its scripts, with blanks between them.</param>
/// <param name="Name">Its name, with the dashes.</param>
/// <param name="Takes">The values behind it, as argparse says it: "" for none, "1", "?" or "+".</param>
/// <param name="Answer">Why it changes nothing, or what to use instead.</param>
public abstract record TimmFlag(string Verbs, string Name, string Takes, string Answer)
{
    /// <summary>What the program says to it.</summary>
    public abstract string Sentence { get; }

    /// <summary>Its key in args.yaml.</summary>
    public string Key => Name.TrimStart('-').Replace('-', '_');

    /// <summary>The most values behind it.</summary>
    public int Arity => Takes switch { "" => 0, "+" => int.MaxValue, _ => 1 };

    /// <summary>Whether a command has it.</summary>
    public bool IsOf(string verb) => Verbs.Split(' ').Contains(verb);

    /// <summary>One that is taken, since what it asks for is so, or means nothing here.</summary>
    public sealed record Taken(string Verbs, string Name, string Takes, string Answer)
        : TimmFlag(Verbs, Name, Takes, Answer)
    {
        /// <inheritdoc/>
        public override string Sentence => $"{Name} changes nothing here: {Answer}.";
    }

    /// <summary>One that is not to be had.</summary>
    /// <param name="Verbs">The commands that take the place of its scripts, with blanks between them.</param>
    /// <param name="Name">Its name, with the dashes.</param>
    /// <param name="Takes">The values behind it, as argparse says it.</param>
    /// <param name="Answer">What to use instead.</param>
    /// <param name="Same">The value that asks for what is so anyhow; "" for none but nothing, 0 and false.</param>
    public sealed record Refused(string Verbs, string Name, string Takes, string Answer, string Same = "")
        : TimmFlag(Verbs, Name, Takes, Answer)
    {
        /// <inheritdoc/>
        public override string Sentence => $"{Name} is not to be had: {Answer}.";

        /// <summary>Whether a value of a file of options asks for it.</summary>
        public bool Asks(object? value) => value is not (null or "" or "null" or "~" or "false")
            && value is not ICollection { Count: 0 } && !(value is string text && (text == Same || IsZero(text)));

        /// <summary>Whether the words behind it on a command line ask for it.</summary>
        public bool Asks(IReadOnlyList<string> words) =>
            Takes.Length == 0 || words is not [var word] || Asks((object)word);

        static bool IsZero(string text) =>
            double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number == 0;
    }
}
