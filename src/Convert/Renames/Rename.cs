using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>
/// One row of a rename table: a pattern in a foreign name, what stands there in timm's, and a change of layout.
/// </summary>
/// <param name="Pattern">Regular expression over the name as the rows above left it.</param>
/// <param name="Replacement">Its replacement, with $1 for groups.</param>
/// <param name="Layout">Applied to the tensors whose names match; null where the layout is timm's.</param>
public sealed record Rename(string Pattern, string Replacement, Func<Tensor, Tensor>? Layout = null)
{
    readonly Regex regex = new(Pattern, RegexOptions.CultureInvariant);

    internal (string Name, Tensor Tensor) Apply((string Name, Tensor Tensor) from) => regex.IsMatch(from.Name)
        ? (regex.Replace(from.Name, Replacement), Layout?.Invoke(from.Tensor) ?? from.Tensor)
        : from;
}

/// <summary>How the names of one code base become timm's.</summary>
/// <param name="Origin">The code base, for messages.</param>
/// <param name="Recognises">True for the names of a file from there.</param>
/// <param name="Rows">Applied in order to every name.</param>
public sealed record RenameTable(string Origin, Func<ICollection<string>, bool> Recognises, Rename[] Rows);
