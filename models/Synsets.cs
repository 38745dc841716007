namespace OnnxTimm.Models;

/// <summary>
/// WordNet ids of the classes of ImageNet and of its larger relatives, in the order of their outputs; from timm's
/// data/_info. Each number of outputs belongs to one of them, as in timm's imagenet_info.py.
/// </summary>
public static class Synsets
{
    /// <summary>How many classes each list has, and its letter in the file; all are in the file's order.</summary>
    static readonly (int Count, char Letter)[] Lists =
        [(1000, 'k'), (11821, 't'), (11221, 'm'), (21841, 'f'), (21843, 'g')];

    /// <summary>Microsoft's list: the 1000 classes of ImageNet-1k, then all others.</summary>
    const int MicrosoftCount = 21842;

    static readonly Lazy<(string Id, string Lists)[]> Rows = new(() => [.. Resources.Lines("imagenet_synsets.txt")
        .Select(line => line.Split(' ')).Select(cells => (cells[0], cells[1]))]);

    /// <summary>The ids for a model with so many outputs; empty where no list has that many.</summary>
    public static IReadOnlyList<string> Of(long outputs) =>
        outputs == MicrosoftCount ? [.. In('k'), .. In('f').Except(In('k'))]
        : Lists.FirstOrDefault(l => l.Count == outputs) is { Count: > 0 } list ? In(list.Letter)
        : [];

    /// <summary>
    /// What the classes are called: their ids ("name"), WordNet's words ("description"), or these and what they mean
    /// ("detailed"), as timm's label types; empty where no list has so many classes.
    /// </summary>
    /// <param name="outputs">Classes of the model.</param>
    /// <param name="type">name, description or detailed.</param>
    public static IReadOnlyList<string> Labels(long outputs, string type) => type == "name" ? Of(outputs)
        : [.. Of(outputs).Select(id => type == "detailed" ? $"{Words.Value[id].Lemma}: {Words.Value[id].Definition}"
            : Words.Value[id].Lemma)];

    /// <summary>WordNet's words for each id and what they mean, in the order of the ids.</summary>
    static readonly Lazy<Dictionary<string, (string Lemma, string Definition)>> Words = new(() =>
        Resources.PackedLines("imagenet_words.br").Select(line => line.Split('\t')).Zip(Rows.Value)
            .ToDictionary(p => p.Second.Id, p => (p.First[0], p.First[1])));

    static string[] In(char letter) => [.. Rows.Value.Where(r => r.Lists.Contains(letter)).Select(r => r.Id)];
}
