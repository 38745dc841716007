namespace OnnxTimm.Conversion;

/// <summary>How the names of one code base become timm's.</summary>
/// <param name="Origin">The code base, for messages.</param>
/// <param name="Recognises">True for the names of a file from there.</param>
/// <param name="Rows">Applied in order to all tensors.</param>
/// <param name="Notes">Where networks of that code base differ from timm's although their weights fit.</param>
public sealed record RenameTable(
    string Origin, Func<ICollection<string>, bool> Recognises, Row[] Rows, params LoadNote[] Notes)
{
    /// <summary>The table of files whose names are timm's.</summary>
    public static readonly RenameTable Timm = new("timm", _ => true, []);

    /// <summary>Names as they are, whatever they are.</summary>
    public static readonly RenameTable None = new("none", _ => true, []);

    /// <summary>
    /// A name that the model must have, where other networks' own names look like this code base's; empty where the
    /// file alone tells.
    /// </summary>
    public string ModelHas { get; init; } = "";

    /// <summary>How timm resamples positions and patches of such files; null where it goes by the model.</summary>
    public GridFilter? Filter { get; init; }
}

/// <summary>Something to know about the models that load.</summary>
/// <param name="Architecture">Regular expression over timm's name of the architecture.</param>
/// <param name="Text">What is to know.</param>
public sealed record LoadNote(string Architecture, string Text);
