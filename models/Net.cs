namespace OnnxTimm.Models;

/// <summary>
/// One network while it is built: the options in force, the maps that are worth naming, its blocks' places, its heads.
/// </summary>
public sealed partial class Net(ModelOptions options, Pretrained record)
{
    readonly List<NamedMap> taps = [];
    readonly Dictionary<string, Fit> fits = [];
    readonly List<string> unused = [];

    /// <summary>What was asked for.</summary>
    public ModelOptions Options => options;

    /// <summary>The pretrained record whose defaults are in force.</summary>
    public Pretrained Record => record;

    /// <summary>What the family says of the variant.</summary>
    public FamilyFacts Facts { get; internal set; } = new(new LayerGroups(""));

    /// <summary>Classes of the head, as asked for or as the record has them; 0 for none.</summary>
    public int NumClasses { get; } = options.NumClasses ?? record.NumClasses;

    /// <summary>Stochastic depth of the last block.</summary>
    public double DropPathRate => options.DropPathRate ?? Facts.DropPathRate;

    /// <summary>Patches that came in place of an image; null for an image.</summary>
    public PatchInput? Patches { get; init; }

    /// <summary>The maps at the ends of stages or blocks, in order: timm's forward_intermediates.</summary>
    public IReadOnlyList<NamedMap> Taps => taps;

    /// <summary>How parameters that follow the image are fitted to another size, by their names.</summary>
    public IReadOnlyDictionary<string, Fit> Fits => fits;

    /// <summary>
    /// Names, with * as a wildcard, of weights that files of this network hold and the network does not.
    /// </summary>
    public IReadOnlyList<string> Unused => unused;

    /// <summary>Names a map and hands it on.</summary>
    public Value Tap(string module, Value map)
    {
        taps.Add(new(module, () => map));
        return map;
    }

    /// <summary>Names tokens, of which a map is made when somebody asks for it, and hands the tokens on.</summary>
    public Value Tap(string module, Value tokens, Func<Value, Value> map)
    {
        taps.Add(new(module, () => map(tokens)));
        return tokens;
    }

    /// <summary>
    /// Says how a parameter is fitted when its file was made for another size of image, and hands it on.
    /// </summary>
    public Value Sized(Value parameter, Fit fit)
    {
        fits.Add(parameter.Name, fit);
        return parameter;
    }

    /// <summary>Refuses an image whose sides are not such multiples.</summary>
    /// <exception cref="UserException">They are not.</exception>
    public void RequireMultiples(Value image, int of)
    {
        if (image.Height % of != 0 || image.Width % of != 0)
            throw Refused(image, $"images whose sides are multiples of {of}");
    }

    /// <summary>Refuses an image that is no square with such a side.</summary>
    /// <exception cref="UserException">It is none.</exception>
    public void RequireSquare(Value image, int multiple)
    {
        if (image.Height != image.Width || image.Height % multiple != 0)
            throw Refused(image, $"squares whose side is a multiple of {multiple}");
    }

    /// <summary>What is said of an image that the network does not work on.</summary>
    /// <param name="image">The image.</param>
    /// <param name="taken">What it works on.</param>
    public UserException Refused(Value image, string taken) =>
        new($"{record.Architecture} takes {taken}, not {image.Height} x {image.Width}.");

    /// <summary>Says that files hold weights, named with * as a wildcard, that this network leaves out.</summary>
    public void LeaveOut(string names) => unused.Add(names);
}

/// <summary>A map at the end of a stage or block; one that has to be computed is, when it is first read.</summary>
/// <param name="module">Name of the stage or block.</param>
/// <param name="map">Emits the map [N, C, H, W].</param>
public sealed class NamedMap(string module, Func<Value> map)
{
    /// <summary>Name of the stage or block, as timm's <c>feature_info</c> has it.</summary>
    public string Module => module;

    /// <summary>[N, C, H, W]; emitted when it is first read.</summary>
    public Value Map => field ??= map();

    /// <summary>Emits the map where it was not read before.</summary>
    public void Deconstruct(out string name, out Value value) => (name, value) = (Module, Map);
}
