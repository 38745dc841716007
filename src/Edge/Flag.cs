using System.Globalization;

namespace OnnxTimm.Edge;

/// <summary>A row of the table of flags.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Values">What its values are called, with blanks between several; empty for none.</param>
/// <param name="Help">A line for the user.</param>
/// <param name="Set">Takes its values.</param>
sealed record Flag(string Name, string Values, string Help, Action<Settings, Words> Set)
{
    /// <summary>How many words follow it.</summary>
    public int Count => Values.Length == 0 ? 0 : Values.Count(c => c == ' ') + 1;
}

/// <summary>The values of a flag.</summary>
/// <param name="flag">Its name, for messages.</param>
/// <param name="values">As many as it has.</param>
readonly struct Words(string flag, string[] values)
{
    /// <summary>One as it is.</summary>
    public string this[int index] => values[index];

    /// <summary>The only one as a whole number.</summary>
    public int Whole(int least, int most = int.MaxValue) =>
        int.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number
        : throw new UserException($"{flag} takes a whole number from {least}"
            + $"{(most < int.MaxValue ? $" to {most}" : "")}, not \"{values[0]}\".");

    /// <summary>The only one as a number.</summary>
    public double Number(double least, double most) => Parse(values[0]) is { } number && number >= least
        && number <= most ? number
        : throw new UserException(string.Create(CultureInfo.InvariantCulture,
            $"{flag} takes a number from {least} to {most}, not \"{values[0]}\"."));

    /// <summary>The only one as numbers with commas between them.</summary>
    public double[] Numbers()
    {
        var (name, text) = (flag, values[0]);
        return [.. text.Split(',').Select(part => Parse(part)
            ?? throw new UserException($"{name} takes numbers with commas between them, not \"{text}\"."))];
    }

    /// <summary>One as so many whole numbers with a sign between them.</summary>
    public int[] Wholes(char between, int count, string form)
    {
        var numbers = values[0].Split(between).Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToArray();
        return numbers.Length == count && numbers.All(n => n >= 0) ? numbers
            : throw new UserException($"{flag} takes {form}, not \"{values[0]}\".");
    }

    /// <summary>A value by its name.</summary>
    public T Of<T>(int index, params (string Name, T Value)[] table)
    {
        var name = values[index];
        foreach (var row in table)
            if (row.Name == name)
                return row.Value;
        throw Nearest.Unknown($"value of {flag}", name, table.Select(row => row.Name));
    }

    static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) ? number : null;
}
