using System.Globalization;
using System.Text.RegularExpressions;

namespace OnnxTimm.Train;

/// <summary>Which parameters decay and how fast each layer learns (timm/optim/_param_groups.py).</summary>
public static class ParamGroups
{
    /// <summary>Two groups: what decays, and what does not (vectors, biases, and what the model names).</summary>
    public static ParamGroup[] ByDecay(Trainee model, double weightDecay)
    {
        var isSpared = Wildcard.AnyOf(model.NoWeightDecay);
        return
        [
            .. Params(model)
                .GroupBy(p => IsVector(p) || IsBias(p.Name) || isSpared(p.Name) ? 0 : weightDecay)
                .OrderBy(group => group.Key)
                .Select(group => new ParamGroup([.. group.Select(p => p.Name)], group.Key)),
        ];
    }

    /// <summary>The groups of what is trained.</summary>
    public static ParamGroup[] Among(this IEnumerable<ParamGroup> groups, WeightSelection weights)
    {
        var trained = weights.Weights.Where(weights.Trains).Select(w => w.Name).ToHashSet();
        return [.. groups.Select(g => g with { Names = [.. g.Names.Where(trained.Contains)] })
            .Where(g => g.Names.Length > 0)];
    }

    /// <summary>
    /// A group for each layer, whose rate falls by a factor with each step away from the head. A bias that is no vector
    /// decays here, as in timm.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="weightDecay">Weight decay of what decays.</param>
    /// <param name="factor">Rate of a layer over that of the next.</param>
    /// <param name="minScale">The least rate, relative to the head's.</param>
    /// <param name="frozenBelow">Layers with a smaller scale are in no group: they are not trained.</param>
    public static ParamGroup[] ByLayer(
        Trainee model, double weightDecay, double factor, double minScale = 0, double? frozenBelow = null)
    {
        var isSpared = Wildcard.AnyOf(model.NoWeightDecay);
        var layers = Layers(model);
        var last = layers.Values.Max();
        return
        [
            .. Params(model)
                .GroupBy(p => (
                    Scale: Math.Max(minScale, Math.Pow(factor, last - layers[p.Name])),
                    Decay: IsVector(p) || isSpared(p.Name) ? 0 : weightDecay,
                    Layer: layers[p.Name]))
                .Where(group => !(group.Key.Scale < frozenBelow))
                .Select(group => new ParamGroup([.. group.Select(p => p.Name)], group.Key.Decay, group.Key.Scale)),
        ];
    }

    /// <summary>The layer of each parameter, from 0 for the stem.</summary>
    public static Dictionary<string, int> Layers(Trainee model)
    {
        string[] names = [.. Params(model).Select(p => p.Name)];
        return model.Stem.Length == 0 ? Counted(names, model.Head) : Layers(names, model.Stem, model.Blocks);
    }

    /// <summary>
    /// The layer of each name: the matches' numbers put in order. What nothing matches comes last, and what a pattern
    /// with the number 99999 matches belongs to the layer before it (timm/models/_manipulate.py).
    /// </summary>
    public static Dictionary<string, int> Layers(
        IEnumerable<string> names, string stem, IReadOnlyList<(string Pattern, int[]? Ordinal)> blocks)
    {
        (Regex Pattern, double[] Before, double[] After)[] patterns =
        [
            (Start(stem), [0], []),
            .. blocks.Select(b => (Start(b.Pattern), (double[])[1], b.Ordinal?.Select(n => (double)n).ToArray() ?? [])),
        ];
        var places = names.Select(name => (Name: name, Place: Place(name))).ToArray();
        var layer = -1;
        var layers = new Dictionary<string, int>();
        foreach (var group in places.GroupBy(p => p.Place, Comparer.Same).OrderBy(g => g.Key, Comparer.Order))
        {
            if (layer < 0 || group.Key[^1] != Previous)
                layer++;
            foreach (var (name, _) in group)
                layers[name] = layer;
        }
        return layers;

        double[] Place(string name)
        {
            foreach (var (pattern, before, after) in patterns)
                if (pattern.Match(name) is { Success: true } match)
                    return [.. before, .. Numbers(match), .. after];
            return [double.PositiveInfinity];
        }
    }

    /// <summary>
    /// Twelve names a layer, in their order, and those of the classifier the last; without a classifier all are one
    /// (auto_group_layers of timm/optim/_param_groups.py).
    /// </summary>
    static Dictionary<string, int> Counted(string[] names, IReadOnlyCollection<string> head)
    {
        var trunk = head.Count == 0 ? [] : names.Except(head).ToArray();
        var layers = trunk.Index().ToDictionary(entry => entry.Item, entry => entry.Index / PerLayer);
        foreach (var name in names.Except(trunk))
            layers[name] = (trunk.Length + PerLayer - 1) / PerLayer;
        return layers;
    }

    /// <summary>timm's layers_per_group.</summary>
    const int PerLayer = 12;

    static IEnumerable<double> Numbers(Match match) => match.Groups.Values.Skip(1).Where(g => g.Success)
        .Select(g => double.Parse(g.Value, CultureInfo.InvariantCulture));

    /// <summary>timm's number of a pattern that continues the layer before it.</summary>
    const double Previous = 99999;

    static Regex Start(string pattern) => new($"^(?:{pattern})", RegexOptions.CultureInvariant);

    static IEnumerable<Value> Params(Trainee model) => model.Graph.Weights.Where(w => w.Role == Role.Param);

    static bool IsVector(Value p) => p.Shape.Rank <= 1;

    static bool IsBias(string name) => name.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>Lists of numbers, compared place by place.</summary>
    static class Comparer
    {
        public static readonly IEqualityComparer<double[]> Same = EqualityComparer<double[]>.Create(
            (a, b) => a!.SequenceEqual(b!), a => a.Aggregate(17, HashCode.Combine));

        public static readonly IComparer<double[]> Order =
            Comparer<double[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
    }
}
