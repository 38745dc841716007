namespace OnnxTimm.Data;

/// <summary>What the operations of a policy know of the training.</summary>
/// <param name="Fill">Colour where an operation leaves no image: the mean.</param>
/// <param name="Filters">Filters of the geometric ones, bilinear and bicubic; one of them is drawn.</param>
public sealed record PolicySettings(uint Fill, IReadOnlyList<Interpolation> Filters)
{
    /// <summary>Pixels by which an image is moved at level 10, where it is moved by pixels.</summary>
    public double TranslateConst { get; init; } = 250;

    /// <summary>Part of the image by which it is moved at level 10.</summary>
    public double TranslatePct { get; init; } = 0.45;

    /// <summary>timm's, for an input: the mean colour, and less than half of the shorter edge.</summary>
    /// <exception cref="UserException">A filter is neither bilinear nor bicubic.</exception>
    public static PolicySettings Of(DataConfig config, IReadOnlyList<Interpolation> filters)
    {
        foreach (var filter in filters)
            if (filter is not (Interpolation.Bilinear or Interpolation.Bicubic))
                throw new UserException("An augmentation policy turns and shifts images with bilinear or bicubic "
                    + $"resampling, not {filter.ToString().ToLowerInvariant()}.");
        return new(Colour(config.Mean), filters)
        {
            TranslateConst = (int)(Math.Min(config.Width, config.Height) * 0.45),
        };
    }

    static uint Colour(IReadOnlyList<double> mean)
    {
        uint Channel(int c) => (uint)Math.Clamp(Math.Round(255 * mean[c % mean.Count]), 0, 255) << (8 * c);
        return Channel(0) | Channel(1) | Channel(2);
    }
}

/// <summary>An operation that policies are made of.</summary>
/// <param name="Name">timm's name.</param>
/// <param name="HasSign">Whether chance decides the sign of its change.</param>
/// <param name="Argument">What a level and a sign mean; null where a level means nothing.</param>
/// <param name="Apply">Changes the image, or makes another of it.</param>
public sealed record PolicyOperation(string Name, bool HasSign, PolicyOperation.Level? Argument,
    PolicyOperation.Change Apply)
{
    /// <summary>An argument of a level from 0 to 10, or more, and a sign.</summary>
    public delegate double Level(double level, int sign, PolicySettings settings);

    /// <summary>Applies it with an argument.</summary>
    public delegate Image Change(Image image, double argument, PolicySettings settings, CounterRandom random);
}

/// <summary>The table of operations: levels of timm's auto_augment.py, pixels of Pillow.</summary>
public static class PolicyOperations
{
    const double Most = 10;

    static readonly PolicyOperation[] Table =
    [
        new("AutoContrast",         false, null,                Changed(Tones.AutoContrast)),
        new("Equalize",             false, null,                Changed(Tones.Equalize)),
        new("Invert",               false, null,                Changed(Tones.Invert)),
        new("Rotate",               true,  Signed(_ => 30),     Moved((x, i) => Affine.Rotate(x, i.Width, i.Height))),
        new("Posterize",            false, Cut(4),              ByWhole(Tones.Posterize)),
        new("PosterizeIncreasing",  false, Rest(4, Cut(4)),     ByWhole(Tones.Posterize)),
        new("PosterizeOriginal",    false, Above(4, Cut(4)),    ByWhole(Tones.Posterize)),
        new("Solarize",             false, Cut(256, 256),       ByWhole(Tones.Solarize)),
        new("SolarizeIncreasing",   false, Rest(256, Cut(256, 256)), ByWhole(Tones.Solarize)),
        new("SolarizeAdd",          false, Cut(110, 128),       ByWhole(Tones.SolarizeAdd)),
        new("Color",                false, Enhance,             ByFactor(Colours.Saturation)),
        new("ColorIncreasing",      true,  EnhanceIncreasing,   ByFactor(Colours.Saturation)),
        new("Contrast",             false, Enhance,             ByFactor(Colours.Contrast)),
        new("ContrastIncreasing",   true,  EnhanceIncreasing,   ByFactor(Colours.Contrast)),
        new("Brightness",           false, Enhance,             ByFactor(Colours.Brightness)),
        new("BrightnessIncreasing", true,  EnhanceIncreasing,   ByFactor(Colours.Brightness)),
        new("Sharpness",            false, Enhance,             ByFactor(Mixture.Sharpness)),
        new("SharpnessIncreasing",  true,  EnhanceIncreasing,   ByFactor(Mixture.Sharpness)),
        new("ShearX",               true,  Signed(_ => 0.3),    Moved((x, _) => Affine.ShearX(x))),
        new("ShearY",               true,  Signed(_ => 0.3),    Moved((x, _) => Affine.ShearY(x))),
        new("TranslateX",           true,  Signed(s => s.TranslateConst), Moved((x, _) => Affine.Translate(x, 0))),
        new("TranslateY",           true,  Signed(s => s.TranslateConst), Moved((x, _) => Affine.Translate(0, x))),
        new("TranslateXRel",        true,  Signed(s => s.TranslatePct),
            Moved((x, i) => Affine.Translate(x * i.Width, 0))),
        new("TranslateYRel",        true,  Signed(s => s.TranslatePct),
            Moved((x, i) => Affine.Translate(0, x * i.Height))),
        new("Desaturate",           false, Between(0.5, 1),     ByFactor(Desaturate)),
        new("GaussianBlur",         false, Between(0.1, 2),     ByFactor(BoxBlur.Gaussian)),
        new("GaussianBlurRand",     false, Between(0, 1),       BlurRandomly),
    ];

    static readonly Dictionary<string, PolicyOperation> ByName = Table.ToDictionary(row => row.Name);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PolicyOperation> All => Table;

    /// <summary>The operation called <paramref name="name"/>.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static PolicyOperation Find(string name) => ByName.TryGetValue(name, out var operation) ? operation
        : throw Nearest.Unknown("operation of a policy", name, ByName.Keys);

    static PolicyOperation.Level Signed(Func<PolicySettings, double> most) =>
        (level, sign, settings) => sign * (level / Most * most(settings));

    static PolicyOperation.Level Cut(int most, int limit = int.MaxValue) =>
        (level, _, _) => Math.Min(limit, Math.Truncate(level / Most * most));

    static PolicyOperation.Level Rest(int whole, PolicyOperation.Level part) =>
        (level, sign, settings) => whole - part(level, sign, settings);

    static PolicyOperation.Level Above(int least, PolicyOperation.Level part) =>
        (level, sign, settings) => least + part(level, sign, settings);

    static PolicyOperation.Level Between(double from, double to) =>
        (level, _, _) => Math.Clamp(from + (to - from) * (level / Most), from, to);

    static double Enhance(double level, int sign, PolicySettings settings) => level / Most * 1.8 + 0.1;

    static double EnhanceIncreasing(double level, int sign, PolicySettings settings) =>
        Math.Max(0.1, 1.0 + sign * (level / Most * 0.9));

    static PolicyOperation.Change Changed(Action<Image> change) => ByFactor((image, _) => change(image));

    static PolicyOperation.Change ByWhole(Action<Image, int> change) =>
        ByFactor((image, argument) => change(image, (int)argument));

    static PolicyOperation.Change ByFactor(Action<Image, double> change) => (image, argument, _, _) =>
    {
        change(image, argument);
        return image;
    };

    static PolicyOperation.Change Moved(Func<double, Image, Affine> transform) => (image, argument, settings, random) =>
        transform(argument, image).Apply(image, settings.Filters.Draw(random), settings.Fill);

    static void Desaturate(Image image, double factor) => Colours.Saturation(image, Math.Clamp(1 - factor, 0, 1));

    static Image BlurRandomly(Image image, double factor, PolicySettings settings, CounterRandom random)
    {
        BoxBlur.Gaussian(image, random.Uniform(0.1, 2.0 * factor));
        return image;
    }
}
